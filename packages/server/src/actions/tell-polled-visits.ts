import type { RoomId } from '@tally/protocol'
import type { DeviceId } from '../core/ledger-step.ts'
import type { ActionContext, Caller } from './context.ts'

/**
 * A polling device shows these rooms now: the others in them see somebody come or go, as they do of one who is connected.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function tellPolledVisits(
  ctx: ActionContext,
  { deviceId, userId }: Caller & { deviceId: DeviceId },
  shown: readonly RoomId[],
): Promise<void> {
  const { opened, closed } = ctx.polledScreens.show(deviceId, shown)
  if (opened.length === 0 && closed.length === 0) return
  // From now on it is known here who could have them open, too.
  await Promise.all(opened.map((roomId) => ctx.membersCache.recipients(roomId, 0)))
  const visit = (event: 'user-joined' | 'user-left') => (roomId: RoomId) =>
    ({
      kind: 'room-event',
      roomId,
      event,
      payload: { userId, userType: null, roomId },
      exceptUserId: userId,
    }) as const
  ctx.bus.send('all', [...opened.map(visit('user-joined')), ...closed.map(visit('user-left'))])
}
