import { randomUUID } from 'node:crypto'
import { type AttachmentId, type BeginUploadBody, RequestError, type Upload } from '@tally/protocol'
import {
  type AttachmentRecord,
  giveUpAttachment,
  insertAttachment,
  type Looks,
  readOwnAttachment,
  recordPart,
} from '../store/attachments.ts'
import type { ActionContext, Caller } from './context.ts'
import { looksOf } from './file-looks.ts'

/**
 * Announces a file for a room.
 * @throws RequestError `room_not_found`, `payload_too_large`, `limit_exceeded` (files in no message),
 * `storage_unavailable`.
 */
export async function beginUpload(
  ctx: ActionContext,
  { userId }: Caller,
  { roomId, name, bytes }: BeginUploadBody,
): Promise<Upload> {
  const { attachmentBytes, attachmentPartBytes, uploadsPerUser } = ctx.limits
  if (bytes > attachmentBytes) {
    throw new RequestError('payload_too_large', {
      details: { limit: 'attachmentBytes', most: attachmentBytes },
    })
  }
  const file = {
    id: randomUUID() as AttachmentId,
    userId,
    roomId,
    name,
    bytes,
    partBytes: attachmentPartBytes,
  }
  return uploadView(await insertAttachment(ctx.db, file, { uploadsPerUser }))
}

/** @throws RequestError `attachment_not_found`, `storage_unavailable`. */
export async function readUpload(
  ctx: ActionContext,
  { userId }: Caller,
  { attachmentId }: { attachmentId: AttachmentId },
): Promise<Upload> {
  const file = await readOwnAttachment(ctx.db, { userId, id: attachmentId })
  if (file === undefined) throw new RequestError('attachment_not_found')
  return uploadView(file)
}

/**
 * Stores the next part. Said twice it is stored once: the second time is refused with where to go on.
 *
 * @throws RequestError `attachment_not_found`, `offset_conflict` (with `details.received`), `invalid_request` (a part of
 * another size), `attachment_refused`, `storage_unavailable`.
 */
export async function continueUpload(
  ctx: ActionContext,
  { userId }: Caller,
  { attachmentId: id, offset, part }: { attachmentId: AttachmentId; offset: number; part: Uint8Array },
): Promise<Upload> {
  const file = await readOwnAttachment(ctx.db, { userId, id })
  if (file === undefined) throw new RequestError('attachment_not_found')
  if (offset !== file.received || offset === file.bytes) throw offsetConflict(file)
  const wanted = Math.min(file.partBytes, file.bytes - offset)
  if (part.byteLength !== wanted) {
    throw new RequestError('invalid_request', {
      message: `The next part has ${wanted} bytes.`,
      details: { partBytes: wanted },
    })
  }
  const looks = offset === 0 ? await acceptedLooks(ctx, part, file) : null
  // A key of its own for every attempt: what was looked at cannot be written over by another attempt.
  const key = `${id.slice(0, 2)}/${id}/${offset}-${randomUUID()}`
  await ctx.files.put(key, part)
  const recorded = await recordPart(ctx.db, { userId, id, offset, bytes: wanted, key, looks })
  if (recorded === undefined) {
    await ctx.files.delete([key])
    const now = await readOwnAttachment(ctx.db, { userId, id })
    throw now === undefined ? new RequestError('attachment_not_found') : offsetConflict(now)
  }
  return uploadView(recorded)
}

/**
 * Gives up a file that is in no message; its bytes go.
 * @throws RequestError `attachment_not_found`, `attachment_in_use`, `storage_unavailable`.
 */
export async function cancelUpload(
  ctx: ActionContext,
  { userId }: Caller,
  { attachmentId: id }: { attachmentId: AttachmentId },
): Promise<void> {
  if (await giveUpAttachment(ctx.db, { userId, id })) return
  const file = await readOwnAttachment(ctx.db, { userId, id })
  throw new RequestError(file === undefined ? 'attachment_not_found' : 'attachment_in_use')
}

async function acceptedLooks(ctx: ActionContext, part: Uint8Array, file: AttachmentRecord): Promise<Looks> {
  const looks = await looksOf(part, { isAll: part.byteLength === file.bytes })
  if (looks !== null && ctx.attachmentTypes.includes(looks.type)) return looks
  throw new RequestError('attachment_refused', { details: { type: looks?.type ?? null } })
}

function offsetConflict({ received }: AttachmentRecord): RequestError {
  return new RequestError('offset_conflict', { details: { received } })
}

function uploadView({ id, roomId, name, bytes, received, partBytes, ...looks }: AttachmentRecord): Upload {
  return {
    id,
    roomId,
    name,
    bytes,
    received,
    partBytes,
    ready: received === bytes,
    ...(looks.type === null ? {} : { type: looks.type }),
    ...(looks.width === null ? {} : { width: looks.width }),
    ...(looks.height === null ? {} : { height: looks.height }),
  }
}
