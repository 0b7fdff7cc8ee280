import { closeRoom } from '../../actions/close-room.ts'
import type { FrameHandler } from '../../bus/bus.ts'
import type { Frame } from '../../bus/frames.ts'
import { encodeFrame } from './packet.ts'
import { ProfileTeller } from './profile-teller.ts'
import { announceVisit } from './room-visits.ts'
import type { SignedInDevice } from './signed-in-device.ts'
import type { SocketServices } from './socket-services.ts'

/** Applies what other nodes, or this one, have to tell to the sockets that are here. */
export function createFrameRouter(services: SocketServices): FrameHandler {
  const profiles = new ProfileTeller(services)
  return (frames) => {
    for (const frame of frames) {
      if (frame.kind === 'profile-changed') profiles.changed(frame.userId)
      else route(services, frame)
    }
  }
}

function route(services: SocketServices, frame: Frame): void {
  const { streams, typists, badges, people } = services
  switch (frame.kind) {
    case 'message':
      streams.message(frame.message)
      break
    case 'room-event':
      streams.event(frame)
      break
    case 'typing':
      typists.hear(frame)
      break
    case 'room-head':
      streams.head(frame)
      break
    case 'user':
      badges.frame(frame)
      break
    case 'user-event':
      tellPerson(services, frame)
      break
    case 'membership-ended':
      for (const device of people.of(frame.userId)) putOutOfRoom(services, device, frame)
      break
    case 'open-ended':
      endOpen(services, frame)
      break
    case 'session-ended':
      for (const device of people.of(frame.userId)) endSession(device, frame)
      break
    case 'presence':
    case 'node-alive':
    case 'cold':
      // For others, who tell the devices here by frames of their own.
      break
  }
}

function tellPerson({ people }: SocketServices, frame: Extract<Frame, { kind: 'user-event' }>): void {
  const devices = people.of(frame.userId)
  if (devices.length === 0) return
  const packet = encodeFrame(frame.event, frame.payload)
  for (const { connection, isReady } of devices) {
    if (isReady) connection.write(packet)
  }
}

/** At once for the wire; the lease follows in its order. */
function putOutOfRoom(
  services: SocketServices,
  device: SignedInDevice,
  { roomId, beforeEpoch }: Extract<Frame, { kind: 'membership-ended' }>,
): void {
  if (device.rooms.get(roomId)?.remove(beforeEpoch) !== true) return
  device.rooms.delete(roomId)
  const { ctx } = services
  device.order
    .alone(roomId, async () => {
      // Somebody who came back may have joined it anew by now.
      if (device.rooms.has(roomId)) return
      await closeRoom(ctx, device.caller, { roomId })
      announceVisit(services, device, { event: 'user-left', roomId })
    })
    .catch((error: unknown) =>
      ctx.log.warn({ err: error }, 'a lease of a former member will lapse by itself'),
    )
}

/** Marked unread: nothing is confirmed any more until the room is joined anew, and its row is shown again. */
function endOpen(
  { people }: SocketServices,
  { userId, roomId, deviceId, beforeEpoch }: Extract<Frame, { kind: 'open-ended' }>,
): void {
  for (const { deviceId: own, rooms, badges } of people.of(userId)) {
    if (deviceId !== undefined && deviceId !== own) continue
    rooms.get(roomId)?.stopConfirming(beforeEpoch)
    badges.releaseRows()
  }
}

function endSession(device: SignedInDevice, frame: Extract<Frame, { kind: 'session-ended' }>): void {
  const { exceptDeviceId, issuedBeforeMs, signIns, reason } = frame
  if (device.deviceId === exceptDeviceId) return
  if (issuedBeforeMs !== undefined && device.person.issuedAtMs >= issuedBeforeMs) return
  if (signIns !== undefined && !signIns.includes(device.person.signIn)) return
  device.forceDisconnect(reason)
}
