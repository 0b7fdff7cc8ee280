import type { RoomId, UserId } from '@tally/protocol'
import type { RoomKind } from '../core/committed.ts'
import type { Database } from './open-database.ts'

/** One member's registers and the independent truth beside them, from one snapshot. */
export type AuditRow = {
  roomId: RoomId
  kind: RoomKind
  tally: number
  settled: number
  version: number
  /** Counted anew from the messages themselves; must equal tally − settled. */
  recount: number
  left: boolean
  muted: boolean
  archived: boolean
}

/** The audit of a person's rooms, by id, after one of them; rooms they left too, but not the notification feed. */
export async function readAuditPage(
  db: Database,
  { userId, afterRoomId, limit }: { userId: UserId; afterRoomId: RoomId | null; limit: number },
): Promise<AuditRow[]> {
  return db.query({
    name: 'read-audit-page',
    text: `${AUDIT} and r.kind <> 'feed' and b.room_id > $2 order by b.room_id limit $3`,
    values: [userId, afterRoomId ?? '', limit],
  })
}

/** The audit of one room of a person, the feed for example; `undefined` when there never was a member's row. */
export async function readAuditOf(
  db: Database,
  { userId, roomId }: { userId: UserId; roomId: RoomId },
): Promise<AuditRow | undefined> {
  const rows = await db.query<AuditRow>({
    name: 'read-audit-of',
    text: `${AUDIT} and b.room_id = $2`,
    values: [userId, roomId],
  })
  return rows[0]
}

/**
 * Rooms of a person, the feed among them, whose register is not the recount. Rooms in which the person is more than
 * `mostBehind` messages behind are left out: an audit that nobody waits for must not read a history again and again.
 */
export async function readDrifts(
  db: Database,
  { userId, mostBehind }: { userId: UserId; mostBehind: number },
): Promise<AuditRow[]> {
  return db.query({
    name: 'read-drifts',
    text: `
      select audit.* from (${AUDIT} and r.seq - b.read_seq <= $2) audit
      where audit.tally - audit.settled <> audit.recount`,
    values: [userId, mostBehind],
  })
}

// Written apart from every statement that maintains the registers, on purpose: an audit that shared their text would
// share their mistakes.
const AUDIT = `
  select b.room_id as "roomId", r.kind, r.tally, b.settled, b.version,
    b.left_at is not null as left, b.muted, coalesce(b.archived_at_tally >= r.tally, false) as archived,
    (select count(*)
     -- A fence: by the index of places from the cursor on, never by walking the whole room.
     from (select * from messages y where y.room_id = b.room_id and y.seq > b.read_seq order by y.seq offset 0) x
     where x.counted and x.deleted_at is null and x.settled_alone_at is null
       and x.sender_id is distinct from b.user_id
       and not exists (select from blocks k where k.blocker_id = b.user_id and k.blocked_id = x.sender_id)
    ) as recount
  from members b
  cross join lateral (select * from rooms named where named.id = b.room_id limit 1) r
  where b.user_id = $1`
