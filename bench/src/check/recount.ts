/** What a database says of everybody, counted anew. */
export type Truth = {
  people: Map<string, { total: number; rooms: Map<string, number> }>
  messages: number
  /** Members whose registers say something else than the recount. */
  wrongRegisters: number
}

/** One member of one room. */
type TruthRow = { user_id: string; room_id: string; unread: number; register: number }

/** Runs SQL somewhere. */
export type Ask = <T>(sql: string) => Promise<T[]>

/** Who has how much unread, and what the registers say, in the tables of one contestant. */
export type Recount = { members: string; messages: string }

// The checker's own text of the rule, apart from the product's and from that of its tests: unread is what somebody else
// wrote behind the cursor.
export const TALLY_RECOUNT: Recount = {
  members: `
    select m.user_id, m.room_id, (r.tally - m.settled)::int as register,
      (select count(*)::int from messages x
       where x.room_id = m.room_id and x.seq > m.read_seq and x.counted and x.deleted_at is null
         and x.sender_id is distinct from m.user_id) as unread
    from members m join rooms r on r.id = m.room_id
    where r.kind <> 'feed' and m.left_at is null and r.deleted_at is null`,
  messages: `select count(*)::int as count from messages m join rooms r on r.id = m.room_id where r.kind <> 'feed' and m.counted`,
}

export const BASELINE_RECOUNT: Recount = {
  members: `
    select m.user_id, m.room_id, u.unread, u.unread as register
    from members m, lateral (
      select count(*)::int as unread from messages x
      where x.room_id = m.room_id and x.id > m.read_id and x.sender_id <> m.user_id) u`,
  messages: 'select count(*)::int as count from messages',
}

export const NAIVE_REDIS_RECOUNT: Recount = {
  ...BASELINE_RECOUNT,
  members: BASELINE_RECOUNT.members.replace('x.id > m.read_id', 'x.seq > m.read_seq'),
}

export async function recount(ask: Ask, { members, messages }: Recount): Promise<Truth> {
  const people: Truth['people'] = new Map()
  let wrongRegisters = 0
  for (const { user_id, room_id, unread, register } of await ask<TruthRow>(members)) {
    const person = people.get(user_id) ?? { total: 0, rooms: new Map<string, number>() }
    people.set(user_id, person)
    person.total += unread
    person.rooms.set(room_id, unread)
    if (register !== unread) wrongRegisters += 1
  }
  const [counted] = await ask<{ count: number }>(messages)
  return { people, messages: counted?.count ?? 0, wrongRegisters }
}
