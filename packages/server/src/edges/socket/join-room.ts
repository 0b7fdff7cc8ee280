import {
  type ClientEventPayload,
  type ClientEventResult,
  type ReadEpoch,
  RequestError,
  type RoomId,
  type Seq,
} from '@tally/protocol'
import { closeRoom } from '../../actions/close-room.ts'
import { openRoom } from '../../actions/open-room.ts'
import { announceVisit } from './room-visits.ts'
import type { SignedInDevice } from './signed-in-device.ts'
import type { SocketServices } from './socket-services.ts'
import type { Subscription } from './subscription.ts'

/**
 * Subscribes first and then opens: what is committed meanwhile is held back, and the head that the opening read decides
 * from where it is passed on. So nothing falls between the history an app loads and the messages it gets. Joined again,
 * what was joined goes on where this cannot be done for the moment.
 */
export async function joinRoom(
  services: SocketServices,
  device: SignedInDevice,
  { roomId, read }: ClientEventPayload<'join-room'>,
): Promise<ClientEventResult<'join-room'>> {
  const rate = services.limits.takeJoin(device.deviceId)
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
  return device.order.alone(roomId, async () => {
    const joined =
      (await join(services, device, { roomId, read })) ?? (await join(services, device, { roomId, read }))
    if (joined === undefined) throw new RequestError('unavailable')
    return joined
  })
}

/** @returns `undefined` where late word of a membership before this one ended it meanwhile: joined anew, it is another. */
async function join(
  services: SocketServices,
  device: SignedInDevice,
  { roomId, read }: ClientEventPayload<'join-room'>,
): Promise<ClientEventResult<'join-room'> | undefined> {
  if (device.isClosed) throw new RequestError('unavailable')
  const known = device.rooms.get(roomId)
  const subscription = known ?? subscribe(services, device, roomId)
  try {
    const { seq, change, readSeq, readEpoch } = await openRoom(services.ctx, device.caller, {
      roomId,
      read,
    })
    if (subscription.isRemoved(readEpoch)) {
      await closeRoom(services.ctx, device.caller, { roomId })
      throw new RequestError('room_not_found')
    }
    if (subscription.state === 'removed') return undefined
    // The others were told that it is gone: it must not come into the room after that.
    if (device.isClosed) throw new RequestError('unavailable')
    const joined = { roomId, seq: seq as Seq, readSeq: readSeq as Seq, readEpoch: readEpoch as ReadEpoch }
    device.connection.send('joined-room', { ...joined, success: true })
    services.streams.start(roomId, subscription, { head: seq, change, readEpoch, confirms: read })
    if (known === undefined) {
      announceVisit(services, device, { event: 'user-joined', roomId })
      tellTypists(services, device, roomId)
    }
    return joined
  } catch (error) {
    if (known !== undefined && error instanceof RequestError && error.retry === 'later') throw error
    subscription.end('removed')
    if (device.rooms.get(roomId) === subscription) device.rooms.delete(roomId)
    device.badges.releaseRows()
    throw error
  }
}

/** Typing is told when it begins and ends, and somebody may have begun before the device came. */
function tellTypists({ typists }: SocketServices, { connection, person }: SignedInDevice, roomId: RoomId) {
  for (const userId of typists.in(roomId)) {
    if (userId !== person.userId) connection.send('typing', { roomId, userId, typing: true })
  }
}

function subscribe({ ctx, streams }: SocketServices, device: SignedInDevice, roomId: RoomId): Subscription {
  const { connection, deviceId, roundTrip, rooms, person } = device
  if (rooms.size >= ctx.limits.openRoomsPerConnection) {
    throw new RequestError('limit_exceeded', { details: { limit: 'openRoomsPerConnection' } })
  }
  const subscription = streams.subscribe(roomId, {
    userId: person.userId,
    deviceId,
    write: (packet) => connection.write(packet),
    roundTripMs: () => roundTrip.ms,
    isVisible: () => ctx.devices.get(deviceId)?.visible !== false,
  })
  rooms.set(roomId, subscription)
  return subscription
}
