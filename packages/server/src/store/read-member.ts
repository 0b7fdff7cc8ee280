import type { RoomId, UserId } from '@tally/protocol'
import type { Role, RoomKind } from '../core/committed.ts'
import type { Database } from './open-database.ts'

/** A present member's row and the room's head, from one snapshot. */
export type MemberRecord = {
  kind: RoomKind
  key: string | null
  seq: number
  change: number
  readSeq: number
  readEpoch: number
  role: Role
}

/** `undefined` when there is no such room or the person is not in it (any more): nobody can tell which. */
export async function readMember(
  db: Database,
  { userId, roomId }: { userId: UserId; roomId: RoomId },
): Promise<MemberRecord | undefined> {
  const rows = await db.query<MemberRecord>({
    name: 'read-member',
    text: `
      select r.kind, r.key, r.seq, r.change, b.read_seq as "readSeq", b.read_epoch as "readEpoch", b.role
      from members b join rooms r on r.id = b.room_id
      where b.user_id = $1 and b.room_id = $2 and b.left_at is null and r.deleted_at is null
      and r.kind <> 'feed'`,
    values: [userId, roomId],
  })
  return rows[0]
}
