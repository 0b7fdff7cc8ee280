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
  asked: { userId: UserId; roomId: RoomId },
): Promise<MemberRecord | undefined> {
  const [member] = await readMembers(db, [asked])
  return member
}

/** The same for many at once, in their order. */
export async function readMembers(
  db: Database,
  asked: readonly { userId: UserId; roomId: RoomId }[],
): Promise<(MemberRecord | undefined)[]> {
  const rows = await db.query<MemberRecord & { place: number }>({
    name: 'read-members',
    text: `
      select asked.place, r.kind, r.key, r.seq, r.change, b.read_seq as "readSeq", b.read_epoch as "readEpoch", b.role
      from unnest($1::text[], $2::text[]) with ordinality asked(user_id, room_id, place)
      cross join lateral (
        select * from members x where x.room_id = asked.room_id and x.user_id = asked.user_id limit 1) b
      cross join lateral (select * from rooms x where x.id = asked.room_id limit 1) r
      where b.left_at is null and r.deleted_at is null and r.kind <> 'feed'`,
    values: [asked.map(({ userId }) => userId), asked.map(({ roomId }) => roomId)],
  })
  const members: (MemberRecord | undefined)[] = asked.map(() => undefined)
  for (const { place, ...member } of rows) members[place - 1] = member
  return members
}
