import type { RoomId, RoomMetadata } from '@tally/protocol'
import { updateRoom as writeRoom } from '../store/update-room.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { roomsChanged } from './message-events.ts'

/**
 * Changes a room's title (`null`: none) or metadata; what is not named stays.
 *
 * @param caller an owner or admin of the group, or `null` for the host's backend.
 * @throws RequestError `room_not_found`, `forbidden`, `overloaded`, `storage_unavailable`.
 */
export async function updateRoom(
  ctx: ActionContext,
  caller: Caller | null,
  input: { roomId: RoomId; title?: string | null | undefined; metadata?: RoomMetadata | undefined },
): Promise<void> {
  const { roomId, title, metadata } = input
  const committed = await ctx.changes({ caller, roomId }, () =>
    writeRoom(ctx.db, {
      actorId: caller?.userId ?? null,
      roomId,
      ...(title === undefined ? {} : { title }),
      ...(metadata === undefined ? {} : { metadata }),
    }),
  )
  await deliver(ctx, { committed, frames: roomsChanged(committed.rooms) })
}
