import type { RoomId, UserId } from '@tally/protocol'
import type { RoomKind } from '../core/committed.ts'
import type { LedgerRegister } from '../core/registers.ts'
import type { Database } from './open-database.ts'

/**
 * Every register of these people as one snapshot has it: rooms they left too, and the feed. People without any are
 * there with an empty list. By the index of members and the rooms' keys: the messages are never looked at.
 */
export async function readSnapshot(
  db: Database,
  userIds: readonly UserId[],
): Promise<Map<UserId, LedgerRegister[]>> {
  const registers = new Map<UserId, LedgerRegister[]>(userIds.map((userId) => [userId, []]))
  if (userIds.length === 0) return registers
  const rows = await db.query<SnapshotRow>({
    name: 'read-snapshot',
    text: `
      select b.user_id, b.room_id, r.kind, r.tally, r.change, b.settled, b.version,
        b.left_at is not null as has_left, b.muted, b.archived_at_tally
      from members b
      cross join lateral (select * from rooms x where x.id = b.room_id limit 1) r
      where b.user_id = any($1::text[])`,
    values: [userIds],
  })
  for (const row of rows) {
    registers.get(row.user_id)?.push({
      roomId: row.room_id,
      kind: row.kind === 'feed' ? 'feed' : 'room',
      tally: row.tally,
      change: row.change,
      settled: row.settled,
      version: row.version,
      flags: { left: row.has_left, muted: row.muted, archivedAtTally: row.archived_at_tally },
    })
  }
  return registers
}

type SnapshotRow = {
  user_id: UserId
  room_id: RoomId
  kind: RoomKind
  tally: number
  change: number
  settled: number
  version: number
  has_left: boolean
  muted: boolean
  archived_at_tally: number | null
}
