import { RequestError, type UserId } from '@tally/protocol'
import { readBlockBetween } from '../store/read-blocks.ts'
import { readRoomByKey } from '../store/read-room-by-key.ts'
import type { ActionContext } from './context.ts'

/**
 * What two people have, they keep; a new room between two of whom one blocked the other is not made by either.
 * @throws RequestError `blocked`, `storage_unavailable`.
 */
export async function refuseBlocked(
  { db }: Pick<ActionContext, 'db'>,
  { key, userId, otherId }: { key: string; userId: UserId; otherId: UserId },
): Promise<void> {
  const [room, blocked] = await Promise.all([
    readRoomByKey(db, key),
    readBlockBetween(db, { userId, otherId }),
  ])
  if (room === undefined && blocked) throw new RequestError('blocked')
}
