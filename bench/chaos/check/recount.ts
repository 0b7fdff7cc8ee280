import type pg from 'pg'
import type { PersonTruth } from '../crowd/crowd-job.ts'

/** One member of one room, counted anew. */
type MemberRow = { user_id: string; room_id: string; seq: number; unread: number; register: number }

/** What the database says, counted anew from the messages and the cursors. */
export type Recount = {
  people: Record<string, PersonTruth>
  /** The place of each room's last message. */
  heads: Record<string, number>
  /** Members whose registers say something else. */
  wrongRegisters: number
}

// The checker's own text of the rule, apart from the product's and from that of its tests: unread is what somebody else
// wrote behind the cursor.
const RECOUNT = `
  select m.user_id, m.room_id, r.seq::int as seq, (r.tally - m.settled)::int as register,
    (select count(*)::int from messages x
     where x.room_id = m.room_id and x.seq > m.read_seq and x.counted and x.deleted_at is null
       and x.sender_id is distinct from m.user_id) as unread
  from members m join rooms r on r.id = m.room_id
  where r.kind <> 'feed' and m.left_at is null and r.deleted_at is null`

export async function recount(db: pg.Pool): Promise<Recount> {
  const { rows } = await db.query<MemberRow>(RECOUNT)
  const people: Recount['people'] = {}
  const heads: Recount['heads'] = {}
  let wrongRegisters = 0
  for (const { user_id, room_id, seq, unread, register } of rows) {
    people[user_id] ??= { total: 0, rooms: {} }
    const person = people[user_id]
    person.total += unread
    person.rooms[room_id] = unread
    heads[room_id] = seq
    if (register !== unread) wrongRegisters += 1
  }
  return { people, heads, wrongRegisters }
}

/** A message as it is stored; moments in ms since 1970. */
export type StoredMessage = {
  roomId: string
  seq: number
  text: string
  senderId: string
  committedAtMs: number
}

/** Messages of one load, in the order of their rooms. */
export async function storedMessages(db: pg.Pool, label: string): Promise<StoredMessage[]> {
  const { rows } = await db.query<StoredMessage>({
    text: `select room_id as "roomId", seq::int as seq, text, sender_id as "senderId",
        (extract(epoch from created_at) * 1000)::float8 as "committedAtMs"
      from messages where starts_with(text, $1) order by room_id, seq`,
    values: [`${label} `],
  })
  return rows
}

/** Rooms in which a place is empty, or taken twice. */
export async function roomsWithHoles(db: pg.Pool): Promise<number> {
  const { rows } = await db.query<{ count: number }>(`
    select count(*)::int as count from rooms r
    where r.kind <> 'feed' and r.seq <> (select count(*) from messages m where m.room_id = r.id)`)
  return rows[0]?.count ?? 0
}
