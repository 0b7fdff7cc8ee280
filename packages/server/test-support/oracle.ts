import { expect } from 'vitest'
import type { Database } from '../src/store/open-database.ts'

/** One member's row beside what counting the messages says. */
export type Audited = {
  room_id: string
  user_id: string
  kind: string
  unread: number
  recount: number
  has_left: boolean
  /** Part of the total: neither left nor muted nor archived. */
  counts: boolean
}

// The tests' own text of the rule (docs/BADGES.md), apart from the product's: a mistake in one must not hide in
// the other.
const AUDIT = `
  select m.room_id, m.user_id, r.kind, r.tally - m.settled as unread,
    count(x.seq) filter (
      where x.seq > m.read_seq and x.counted and x.deleted_at is null and x.settled_alone_at is null
        and x.sender_id is distinct from m.user_id
        and not exists (select from blocks b where b.blocker_id = m.user_id and b.blocked_id = x.sender_id)
    )::bigint as recount,
    m.left_at is not null as has_left,
    m.left_at is null and not m.muted and coalesce(m.archived_at_tally < r.tally, true) as counts
  from members m
  join rooms r on r.id = m.room_id
  left join messages x on x.room_id = m.room_id
  group by m.room_id, m.user_id, r.kind, r.tally`

/** What every badge has to be, from a recount of all messages. */
export type Truth = Map<string, { total: number; unreadRooms: number; notifications: number }>

/**
 * Recounts everything and holds every member row to it: tally − settled = recount, for those who left too.
 * @returns what each person's badge has to say while nothing is open anywhere.
 */
export async function recountAll(db: Database): Promise<Truth> {
  const rows = await auditAll(db)
  const truth: Truth = new Map()
  for (const { user_id, kind, recount, counts } of rows) {
    const badge = truth.get(user_id) ?? { total: 0, unreadRooms: 0, notifications: 0 }
    truth.set(user_id, badge)
    if (!counts) continue
    if (kind === 'feed') badge.notifications += recount
    else {
      badge.total += recount
      badge.unreadRooms += recount > 0 ? 1 : 0
    }
  }
  return truth
}

/** The same, row by row: every (room, person) there ever was. */
export async function auditAll(db: Database): Promise<Audited[]> {
  const rows = await db.query<Audited>({ name: 'test-audit', text: AUDIT, values: [] })
  const wrong = rows.filter(({ unread, recount }) => unread !== recount)
  expect(wrong, 'members whose tally − settled is not the recount').toEqual([])
  return rows
}
