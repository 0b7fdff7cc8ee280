import type { RoomId, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

type Json = Record<string, unknown>

/** The person's own row; `undefined` for one that is not known or gone. */
export async function readExportedUser(db: Database, userId: UserId): Promise<Json | undefined> {
  const rows = await db.query<Json>({
    name: 'read-exported-user',
    text: `
      select u.id, u.name, u.image, u.user_type as "userType", iso_time(u.created_at) as "createdAt",
        iso_time(u.updated_at) as "updatedAt"
      from users u where u.id = $1 and u.deleted_at is null`,
    values: [userId],
  })
  return rows[0]
}

/** Rooms a person is or was in after one, in order of their ids; the feed of notifications among them. */
export async function readExportedRooms(
  db: Database,
  { userId, afterRoomId, limit }: { userId: UserId; afterRoomId: RoomId | null; limit: number },
): Promise<(Json & { id: RoomId; kind: string; seq: number })[]> {
  return db.query({
    name: 'read-exported-rooms',
    text: `
      select r.id, r.kind, r.title, r.seq, b.role, b.read_seq as "readSeq",
        greatest(b.read_seq, b.delivered_seq) as "deliveredSeq", b.muted,
        coalesce(b.archived_at_tally >= r.tally, false) as archived, iso_time(b.joined_at) as "joinedAt",
        iso_time(b.left_at) as "leftAt"
      from members b join rooms r on r.id = b.room_id
      where b.user_id = $1 and b.room_id > $2 order by b.room_id limit $3`,
    values: [userId, afterRoomId ?? '', limit],
  })
}

/** What a person said among the messages of a room that stand after one place, up to another. */
export async function readExportedMessages(
  db: Database,
  {
    userId,
    roomId,
    afterSeq,
    upToSeq,
  }: { userId: UserId; roomId: RoomId; afterSeq: number; upToSeq: number },
): Promise<Json[]> {
  const rows = await db.query<{ message: Json }>({
    name: 'read-exported-messages',
    text: `
      select jsonb_strip_nulls(jsonb_build_object('id', x.id, 'roomId', x.room_id, 'seq', x.seq, 'type', x.type,
        'text', x.text, 'replyTo', x.reply_to, 'attachments', x.data -> 'attachments',
        'createdAt', iso_time(x.created_at), 'editedAt', iso_time(x.edited_at))) as message
      from messages x
      where x.room_id = $2 and x.seq > $3 and x.seq <= $4 and x.sender_id = $1 and x.deleted_at is null
      order by x.seq`,
    values: [userId, roomId, afterSeq, upToSeq],
  })
  return rows.map(({ message }) => message)
}

/** Entries of a person's feed after a place, up to another. */
export async function readExportedNotifications(
  db: Database,
  { feedId, afterSeq, upToSeq }: { feedId: RoomId; afterSeq: number; upToSeq: number },
): Promise<Json[]> {
  const rows = await db.query<{ entry: Json }>({
    name: 'read-exported-notifications',
    text: `
      select jsonb_build_object('id', x.id, 'type', x.type, 'content', x.text, 'createdAt', iso_time(x.created_at),
          'readAt', iso_time(x.settled_alone_at), 'archivedAt', iso_time(x.archived_at))
        || coalesce(x.data, '{}') as entry
      from messages x
      where x.room_id = $1 and x.seq > $2 and x.seq <= $3 and x.deleted_at is null order by x.seq`,
    values: [feedId, afterSeq, upToSeq],
  })
  return rows.map(({ entry }) => entry)
}

type ExportedRest = {
  reactions: Json[]
  blocks: Json[]
  files: Json[]
  devices: Json[]
  /** `null`: nothing was chosen. */
  preferences: Json | null
  feedSeenSeq: number
}

/** What else there is of a person, none of it large. */
export async function readExportedRest(db: Database, userId: UserId): Promise<ExportedRest> {
  const [row] = await db.query<ExportedRest>({
    name: 'read-exported-rest',
    text: `
      select
        (select coalesce(json_agg(json_build_object('roomId', g.room_id, 'seq', g.seq, 'emoji', g.emoji,
          'createdAt', iso_time(g.created_at)) order by g.created_at), '[]')
          from reactions g where g.user_id = $1) as reactions,
        (select coalesce(json_agg(json_build_object('userId', k.blocked_id,
          'blockedAt', iso_time(k.created_at)) order by k.created_at), '[]')
          from blocks k where k.blocker_id = $1) as blocks,
        (select coalesce(json_agg(json_build_object('id', a.id, 'roomId', a.room_id, 'name', a.name, 'type', a.type,
          'bytes', a.bytes, 'messageId', a.message_id, 'createdAt', iso_time(a.created_at)) order by a.created_at), '[]')
          from attachments a where a.uploader_id = $1 and a.doomed_at is null) as files,
        (select coalesce(json_agg(json_build_object('id', d.id, 'kind', d.kind, 'name', d.name, 'browser', d.browser,
          'os', d.os, 'createdAt', iso_time(d.created_at), 'lastSeenAt', iso_time(d.last_seen_at)) order by d.created_at), '[]')
          from devices d where d.user_id = $1) as devices,
        (select s.preferences from person_settings s where s.user_id = $1) as preferences,
        coalesce((select s.seen_seq from person_settings s where s.user_id = $1), 0) as "feedSeenSeq"`,
    values: [userId],
  })
  if (row === undefined) throw new Error('a row without any table is always there')
  return row
}
