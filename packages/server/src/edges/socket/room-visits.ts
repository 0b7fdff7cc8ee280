import type { RoomId } from '@tally/protocol'
import type { Session } from './session.ts'

/**
 * Tells the others in a room that somebody opened or closed it. Who has it joined on another device of this node
 * neither comes nor goes.
 */
export function announceVisit(session: Session, event: 'user-joined' | 'user-left', roomId: RoomId): void {
  const { services, person, deviceId } = session
  const others = [...services.people.of(person.userId)].filter((other) => other !== session)
  if (others.some((other) => other.rooms.has(roomId))) return
  const { userId, user } = person
  const payload = { userId, userType: user.userType, roomId }
  services.ctx.bus.send('all', [{ kind: 'room-event', roomId, event, payload, exceptDeviceId: deviceId }])
}
