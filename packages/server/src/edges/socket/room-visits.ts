import type { RoomId } from '@tally/protocol'
import type { SignedInDevice } from './signed-in-device.ts'
import type { SocketServices } from './socket-services.ts'

/**
 * Tells the others in a room that somebody opened or closed it. Who has it joined on another device of this node
 * neither comes nor goes.
 */
export function announceVisit(
  { ctx, people }: SocketServices,
  device: SignedInDevice,
  { event, roomId }: { event: 'user-joined' | 'user-left'; roomId: RoomId },
): void {
  const { userId, user } = device.person
  const others = people.of(userId).filter((other) => other !== device)
  if (others.some((other) => other.rooms.has(roomId))) return
  const payload = { userId, userType: user.userType, roomId }
  ctx.bus.send('all', [{ kind: 'room-event', roomId, event, payload, exceptDeviceId: device.deviceId }])
}
