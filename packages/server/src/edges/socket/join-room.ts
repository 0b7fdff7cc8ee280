import {
  type ClientEventPayload,
  type ClientEventResult,
  type ReadEpoch,
  RequestError,
  type RoomId,
  type Seq,
} from '@tally/protocol'
import { openRoom } from '../../actions/open-room.ts'
import { announceVisit } from './room-visits.ts'
import type { Session } from './session.ts'
import type { Subscription } from './subscription.ts'

/**
 * Subscribes first and then opens: what is committed meanwhile is held back, and the head that the opening read decides
 * from where it is passed on. So nothing falls between the history an app loads and the messages it gets.
 */
export async function joinRoom(
  session: Session,
  { roomId, read }: ClientEventPayload<'join-room'>,
): Promise<ClientEventResult<'join-room'>> {
  const { services, order } = session
  const rate = services.limits.takeJoin(session.deviceId)
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
  return order.alone(roomId, async () => {
    if (session.isClosed) throw new RequestError('unavailable')
    const known = session.rooms.get(roomId)
    const subscription = known ?? subscribe(session, roomId)
    try {
      const { seq, readSeq, readEpoch } = await openRoom(services.ctx, session.caller, { roomId, read })
      if (subscription.state === 'removed') throw new RequestError('room_not_found')
      const joined = { roomId, seq: seq as Seq, readSeq: readSeq as Seq, readEpoch: readEpoch as ReadEpoch }
      session.connection.send('joined-room', { ...joined, success: true })
      services.streams.start(roomId, subscription, { head: seq, readEpoch, confirms: read })
      if (known === undefined) announceVisit(session, 'user-joined', roomId)
      return joined
    } catch (error) {
      subscription.end('removed')
      if (session.rooms.get(roomId) === subscription) session.rooms.delete(roomId)
      session.badges.releaseRows()
      throw error
    }
  })
}

function subscribe(session: Session, roomId: RoomId): Subscription {
  const { services, connection, rooms } = session
  const { openRoomsPerConnection } = services.ctx.limits
  if (rooms.size >= openRoomsPerConnection) {
    throw new RequestError('limit_exceeded', { details: { limit: 'openRoomsPerConnection' } })
  }
  const subscription = services.streams.subscribe(roomId, {
    userId: session.person.userId,
    deviceId: session.deviceId,
    write: (packet) => connection.write(packet),
    roundTripMs: () => session.roundTrip.ms,
    isVisible: () => services.ctx.devices.get(session.deviceId)?.visible !== false,
  })
  rooms.set(roomId, subscription)
  return subscription
}
