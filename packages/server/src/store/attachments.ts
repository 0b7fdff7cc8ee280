import type { Attachment, AttachmentId, ClientId, MessageId, RoomId, UserId } from '@tally/protocol'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/** A file as it is known here; where its bytes are says `parts`. */
export type AttachmentRecord = {
  id: AttachmentId
  roomId: RoomId
  name: string
  bytes: number
  received: number
  partBytes: number
  parts: string[]
  type: string | null
  width: number | null
  height: number | null
}

const COLUMNS = `a.id, a.room_id as "roomId", a.name, a.bytes, a.received, a.part_bytes as "partBytes", a.parts, a.type,
  a.width, a.height`

/**
 * A file that is announced; no bytes yet.
 * @throws RequestError `room_not_found`, `limit_exceeded` (`uploadsPerUser`: files in no message), `storage_unavailable`.
 */
export function insertAttachment(
  db: Database,
  file: Pick<AttachmentRecord, 'id' | 'roomId' | 'name' | 'bytes' | 'partBytes'> & { userId: UserId },
  { uploadsPerUser }: { uploadsPerUser: number },
): Promise<AttachmentRecord> {
  const { id, userId, roomId, name, bytes, partBytes } = file
  return callFunction(db, 'begin_upload', [id, userId, roomId, name, bytes, partBytes, uploadsPerUser])
}

/** One's own file, whole or not, in a message or not. */
export async function readOwnAttachment(
  db: Database,
  { userId, id }: { userId: UserId; id: AttachmentId },
): Promise<AttachmentRecord | undefined> {
  const rows = await db.query<AttachmentRecord>({
    name: 'read-own-attachment',
    text: `select ${COLUMNS} from attachments a where a.id = $1 and a.uploader_id = $2 and a.doomed_at is null`,
    values: [id, userId],
  })
  return rows[0]
}

/** A whole file that somebody may have: in a message of a room they are in now, or their own that is not sent yet. */
export async function readSharedAttachment(
  db: Database,
  { userId, id }: { userId: UserId; id: AttachmentId },
): Promise<AttachmentRecord | undefined> {
  const rows = await db.query<AttachmentRecord>({
    name: 'read-shared-attachment',
    text: `
      select ${COLUMNS} from attachments a
      where a.id = $1 and a.doomed_at is null and a.received = a.bytes and is_chat_member(a.room_id, $2)
        and (a.uploader_id = $2
          or exists (select from messages x where x.id = a.message_id and x.deleted_at is null))`,
    values: [id, userId],
  })
  return rows[0]
}

/** What the first bytes of a file say. */
export type Looks = { type: string; width: number | null; height: number | null }

/** Notes a part that is stored, if it is the next one; `undefined` when another was sooner. */
export async function recordPart(
  db: Database,
  part: { userId: UserId; id: AttachmentId; offset: number; bytes: number; key: string; looks: Looks | null },
): Promise<AttachmentRecord | undefined> {
  const { userId, id, offset, bytes, key, looks } = part
  const rows = await db.query<AttachmentRecord>({
    name: 'record-part',
    text: `
      update attachments a
      set received = a.received + $4, parts = a.parts || $5::text, type = coalesce($6, a.type),
        width = coalesce($7, a.width), height = coalesce($8, a.height), updated_at = clock_timestamp()
      where a.id = $1 and a.uploader_id = $2 and a.received = $3 and a.doomed_at is null
      returning ${COLUMNS}`,
    values: [
      id,
      userId,
      offset,
      bytes,
      key,
      looks?.type ?? null,
      looks?.width ?? null,
      looks?.height ?? null,
    ],
  })
  return rows[0]
}

/** Gives up one's own file that is in no message. */
export async function giveUpAttachment(
  db: Database,
  { userId, id }: { userId: UserId; id: AttachmentId },
): Promise<boolean> {
  const rows = await db.query({
    name: 'give-up-attachment',
    text: `
      update attachments a set doomed_at = clock_timestamp()
      where a.id = $1 and a.uploader_id = $2 and a.message_id is null and a.doomed_at is null returning true`,
    values: [id, userId],
  })
  return rows.length > 0
}

/** What an attempt to send files has of them. */
export type Claim = {
  /** The id that the message is to have. */
  messageId: MessageId
  /** Null where an attempt before this one claimed them: whether that one is stored, nobody knows. */
  claimedAt: string | null
  attachments: Attachment[]
}

/**
 * Files become those of a message that is about to be sent.
 * @throws RequestError `room_not_found`, `attachment_not_found`, `attachment_in_use`, `storage_unavailable`.
 */
export function claimAttachments(
  db: Database,
  claim: {
    userId: UserId
    roomId: RoomId
    clientId: ClientId
    messageId: MessageId
    ids: readonly AttachmentId[]
  },
): Promise<Claim> {
  const { userId, roomId, clientId, messageId, ids } = claim
  return callFunction(db, 'claim_attachments', [userId, roomId, clientId, messageId, ids])
}

/** The message was refused: its files may go with another one, unless another attempt has claimed them, too. */
export async function releaseAttachments(
  db: Database,
  { messageId, claimedAt }: Pick<Claim, 'messageId' | 'claimedAt'>,
): Promise<void> {
  if (claimedAt === null) return
  await db.query({
    name: 'release-attachments',
    text: `
      update attachments a set message_id = null, client_id = null
      where a.message_id = $1 and a.updated_at = $2::text::timestamptz
        and not exists (select from messages x where x.id = $1)`,
    values: [messageId, claimedAt],
  })
}

/** Decides about up to `limit` files that were not touched for a while: those of a message stay, others go. */
export async function settleAttachments(
  db: Database,
  { unsentForHours, limit }: { unsentForHours: number; limit: number },
): Promise<void> {
  await db.query({
    name: 'settle-attachments',
    text: `
      with old as (
        select a.id, exists (select from messages x where x.id = a.message_id) as is_sent from attachments a
        where not a.is_settled and a.doomed_at is null
          and a.updated_at < clock_timestamp() - make_interval(hours => $1)
        order by a.updated_at limit $2 for update skip locked
      )
      update attachments a
      set is_settled = old.is_sent, doomed_at = case when not old.is_sent then clock_timestamp() end
      from old where a.id = old.id`,
    values: [unsentForHours, limit],
  })
}

/** Files whose bytes are to be deleted. */
export async function readDoomedAttachments(
  db: Database,
  { limit }: { limit: number },
): Promise<{ id: AttachmentId; parts: string[] }[]> {
  return db.query({
    name: 'read-doomed-attachments',
    text: `
      select a.id, a.parts from attachments a where a.doomed_at < clock_timestamp()
      order by a.doomed_at limit $1`,
    values: [limit],
  })
}

/** Their bytes are deleted. */
export async function forgetAttachments(db: Database, ids: readonly AttachmentId[]): Promise<void> {
  await db.query({
    name: 'forget-attachments',
    text: 'delete from attachments a where a.id = any($1::text[]) and a.doomed_at is not null',
    values: [ids],
  })
}
