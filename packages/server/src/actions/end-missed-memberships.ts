import type { RoomId, UserId } from '@tally/protocol'
import { readPresentState } from '../store/read-present-state.ts'
import type { ActionContext } from './context.ts'
import { membershipsEnded } from './message-events.ts'

/** Rooms per look at the database: between two of them it answers others. */
const ROOMS_AT_ONCE = 1_000

/** Somebody whose devices here show a room that they have left, as far as the ledger knows. */
export type MissedEnd = { readonly userId: UserId; readonly roomId: RoomId }

/**
 * Ends what devices here hear of rooms whose people are no longer in them, should word of that have got lost. The ledger
 * may not have heard yet that somebody came back, so the database is asked; where nobody left, nothing is.
 *
 * @throws RequestError `storage_unavailable`; the next touch looks again.
 */
export async function endMissedMemberships(ctx: ActionContext, ended: readonly MissedEnd[]): Promise<void> {
  for (let first = 0; first < ended.length; first += ROOMS_AT_ONCE) {
    const asked = ended.slice(first, first + ROOMS_AT_ONCE)
    const payload = { rooms: [], members: [...asked] }
    const { members } = await readPresentState(ctx.db, [{ id: '', payload }])
    ctx.bus.send([ctx.bus.nodeId], membershipsEnded(members.filter(({ left }) => left)))
  }
}
