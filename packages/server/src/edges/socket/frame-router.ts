import { type RoomId, type ServerEventName, serverEvents } from '@tally/protocol'
import { closeRoom } from '../../actions/close-room.ts'
import type { FrameHandler } from '../../bus/bus.ts'
import type { Frame } from '../../bus/frames.ts'
import { encodeFrame } from './packet.ts'
import { announceVisit } from './room-visits.ts'
import type { Session } from './session.ts'
import type { SocketServices } from './socket-services.ts'

/** Applies what other nodes, or this one, have to tell to the sockets that are here. */
export function createFrameRouter(services: SocketServices): FrameHandler {
  return (frames) => {
    for (const frame of frames) route(services, frame)
  }
}

function route(services: SocketServices, frame: Frame): void {
  const { streams, badges, people } = services
  switch (frame.kind) {
    case 'message':
      streams.message(frame.message)
      break
    case 'room-event':
      streams.event(frame)
      break
    case 'user':
      badges.frame(frame)
      break
    case 'user-event':
      tellPerson(services, frame)
      break
    case 'membership-ended':
      for (const session of people.of(frame.userId)) putOutOfRoom(session, frame.roomId)
      break
    case 'open-ended':
      endOpen(services, frame)
      break
    case 'session-ended':
      for (const session of people.of(frame.userId)) endSession(session, frame)
      break
  }
}

/** Some events are for polling only: no socket event carries them. */
function isServerEventName(name: string): name is ServerEventName {
  return Object.hasOwn(serverEvents, name)
}

function tellPerson({ people }: SocketServices, frame: Extract<Frame, { kind: 'user-event' }>): void {
  const sessions = people.of(frame.userId)
  const { event, payload }: { event: string; payload: Record<string, unknown> } = frame
  if (sessions.size === 0 || !isServerEventName(event)) return
  const packet = encodeFrame(event, payload)
  for (const { connection, isReady } of sessions) {
    if (isReady) connection.write(packet)
  }
}

/** At once for the wire; the lease follows in its order. */
function putOutOfRoom(session: Session, roomId: RoomId): void {
  const subscription = session.rooms.get(roomId)
  if (subscription === undefined) return
  subscription.end('removed')
  session.rooms.delete(roomId)
  const { ctx } = session.services
  session.order
    .alone(roomId, () => closeRoom(ctx, session.caller, { roomId }))
    .then(() => announceVisit(session, 'user-left', roomId))
    .catch((error: unknown) =>
      ctx.log.warn({ err: error }, 'a lease of a former member will lapse by itself'),
    )
}

/** Marked unread: nothing is confirmed any more until the room is joined anew, and its row is shown again. */
function endOpen(
  { people }: SocketServices,
  { userId, roomId }: Extract<Frame, { kind: 'open-ended' }>,
): void {
  for (const session of people.of(userId)) {
    session.rooms.get(roomId)?.stopConfirming()
    session.badges.releaseRows()
  }
}

function endSession(session: Session, frame: Extract<Frame, { kind: 'session-ended' }>): void {
  const { exceptDeviceId, issuedBeforeMs, reason } = frame
  if (session.deviceId === exceptDeviceId) return
  if (issuedBeforeMs !== undefined && session.person.issuedAtMs >= issuedBeforeMs) return
  session.forceDisconnect(reason)
}
