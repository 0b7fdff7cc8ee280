/** Rows of the database as the checks compare them: without times, and without what tells one world from another. */
export type RoomRow = {
  id: string
  kind: string
  title: string | null
  seq: number
  tally: number
  change: number
  membership: number
  deleted: boolean
}

export type MemberRow = {
  room_id: string
  user_id: string
  role: string
  settled: number
  version: number
  read_seq: number
  read_epoch: number
  muted: boolean
  archived_at_tally: number | null
  pending_read_seq: number | null
  left: boolean
}

type MessageRow = {
  room_id: string
  seq: number
  id: string
  tally: number
  change: number
  sender_id: string | null
  client_id: string | null
  text: string
  counted: boolean
  edited: boolean
  deleted: boolean
  purged: boolean
  settled_alone: boolean
}

/** Everything of one world at one moment, each table in the order of its key. */
export type Snapshot = {
  users: { id: string; deleted: boolean }[]
  rooms: RoomRow[]
  members: MemberRow[]
  messages: MessageRow[]
  reactions: { room_id: string; seq: number; user_id: string; emoji: string }[]
  blocks: { blocker_id: string; blocked_id: string }[]
  devices: { user_id: string; id: string; kind: string }[]
  sign_ins: { user_id: string; sign_in: string; device_id: string | null }[]
}

/** What one commit changed, for whoever has to tell of it when the one who committed it cannot. */
export type OutboxRow = {
  rooms: { roomId: string; first?: number; last?: number }[]
  members: { roomId: string; userId: string }[]
}

/** Reads a `Snapshot`: one statement, so all of it is from one moment. $1: the rooms, $2: the people. */
export const READ_SNAPSHOT = `
  select json_build_object(
    'users', (
      select coalesce(json_agg(json_build_object('id', u.id, 'deleted', u.deleted_at is not null) order by u.id), '[]')
      from users u where u.id = any($2)),
    'rooms', (
      select coalesce(json_agg(json_build_object('id', r.id, 'kind', r.kind, 'title', r.title, 'seq', r.seq,
        'tally', r.tally, 'change', r.change, 'membership', r.membership,
        'deleted', r.deleted_at is not null) order by r.id), '[]')
      from rooms r where r.id = any($1)),
    'members', (
      select coalesce(json_agg(json_build_object('room_id', m.room_id, 'user_id', m.user_id, 'role', m.role,
        'settled', m.settled, 'version', m.version, 'read_seq', m.read_seq, 'read_epoch', m.read_epoch,
        'muted', m.muted, 'archived_at_tally', m.archived_at_tally, 'pending_read_seq', m.pending_read_seq,
        'left', m.left_at is not null) order by m.room_id, m.user_id), '[]')
      from members m where m.room_id = any($1)),
    'messages', (
      select coalesce(json_agg(json_build_object('room_id', x.room_id, 'seq', x.seq, 'id', x.id, 'tally', x.tally,
        'change', x.change, 'sender_id', x.sender_id, 'client_id', x.client_id, 'text', x.text,
        'counted', x.counted, 'edited', x.edited_at is not null, 'deleted', x.deleted_at is not null,
        'purged', x.purged_at is not null,
        'settled_alone', x.settled_alone_at is not null) order by x.room_id, x.seq), '[]')
      from messages x where x.room_id = any($1)),
    'reactions', (
      select coalesce(json_agg(json_build_object('room_id', g.room_id, 'seq', g.seq, 'user_id', g.user_id,
        'emoji', g.emoji) order by g.room_id, g.seq, g.user_id), '[]')
      from reactions g where g.room_id = any($1)),
    'blocks', (
      select coalesce(json_agg(json_build_object('blocker_id', b.blocker_id, 'blocked_id', b.blocked_id)
        order by b.blocker_id, b.blocked_id), '[]')
      from blocks b where b.blocker_id = any($2)),
    'devices', (
      select coalesce(json_agg(json_build_object('user_id', d.user_id, 'id', d.id, 'kind', d.kind)
        order by d.user_id, d.id), '[]')
      from devices d where d.user_id = any($2)),
    'sign_ins', (
      select coalesce(json_agg(json_build_object('user_id', s.user_id, 'sign_in', s.sign_in, 'device_id', s.device_id)
        order by s.user_id, s.sign_in), '[]')
      from sign_ins s where s.user_id = any($2))) as world`

/**
 * Names every row that anybody has locked or written and not committed: the rows that cannot be locked now. Locks
 * of foreign keys do not count, for nothing here waits for those. $1: the rooms, $2: the people.
 */
export const READ_LOCKED_ROWS = `
  with rows as (
    select 'user ' || id as name from users where id = any($2)
    union all select 'room ' || id from rooms where id = any($1)
    union all select 'member ' || room_id || ' ' || user_id from members where room_id = any($1)
    union all select 'message ' || room_id || ' ' || seq from messages where room_id = any($1)
    union all select 'reaction ' || room_id || ' ' || seq || ' ' || user_id from reactions where room_id = any($1)
    union all select 'block ' || blocker_id || ' ' || blocked_id from blocks where blocker_id = any($2)
    union all select 'device ' || user_id || ' ' || id from devices where user_id = any($2)
    union all select 'sign-in ' || user_id || ' ' || sign_in from sign_ins where user_id = any($2)
  ), free_users as materialized (
    select id from users where id = any($2) for no key update skip locked
  ), free_rooms as materialized (
    select id from rooms where id = any($1) for no key update skip locked
  ), free_members as materialized (
    select room_id, user_id from members where room_id = any($1) for no key update skip locked
  ), free_messages as materialized (
    select room_id, seq from messages where room_id = any($1) for no key update skip locked
  ), free_reactions as materialized (
    select room_id, seq, user_id from reactions where room_id = any($1) for no key update skip locked
  ), free_blocks as materialized (
    select blocker_id, blocked_id from blocks where blocker_id = any($2) for no key update skip locked
  ), free_devices as materialized (
    select user_id, id from devices where user_id = any($2) for no key update skip locked
  ), free_sign_ins as materialized (
    select user_id, sign_in from sign_ins where user_id = any($2) for no key update skip locked
  )
  select array(
    select name from rows
    except all (
      select 'user ' || id from free_users
      union all select 'room ' || id from free_rooms
      union all select 'member ' || room_id || ' ' || user_id from free_members
      union all select 'message ' || room_id || ' ' || seq from free_messages
      union all select 'reaction ' || room_id || ' ' || seq || ' ' || user_id from free_reactions
      union all select 'block ' || blocker_id || ' ' || blocked_id from free_blocks
      union all select 'device ' || user_id || ' ' || id from free_devices
      union all select 'sign-in ' || user_id || ' ' || sign_in from free_sign_ins)) as locked`
