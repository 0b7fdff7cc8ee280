import type { Frame } from './frames.ts'
import type { LocalDevice, LocalDevices } from './local-devices.ts'

/** What frames mean for the devices this node holds, whatever edge they came in by. */
export function applyToDevices(devices: LocalDevices, frames: readonly Frame[]): void {
  for (const frame of frames) {
    if (frame.kind === 'user') {
      devices.told(frame.userId, frame.badge.rev)
      devices.wake(frame.userId)
    }
    // One device that gave way to another ends no poll.
    if (frame.kind === 'session-ended' && frame.signIns !== undefined) {
      devices.endSignIns(frame.userId, frame.signIns)
    } else if (frame.kind === 'session-ended' && frame.exceptDeviceId === undefined) {
      devices.sessionsEnded(frame.userId, { atMs: performance.now(), issuedBeforeMs: frame.issuedBeforeMs })
    }
    if (frame.kind !== 'membership-ended' && frame.kind !== 'open-ended') continue
    // The next touch must not re-assert a lease that ended.
    for (const device of devices.of(frame.userId)) {
      if (frame.kind === 'open-ended') endOpen(device, frame)
      else endMembership(device, frame)
    }
    devices.wake(frame.userId)
  }
}

function endMembership(device: LocalDevice, frame: Extract<Frame, { kind: 'membership-ended' }>): void {
  const { roomId, beforeEpoch } = frame
  const readEpoch = device.rooms.get(roomId)
  if (beforeEpoch !== undefined && readEpoch === undefined) {
    // Of what is on its way to be opened nobody knows yet whether that is after coming back.
    endOpen(device, { ...frame, kind: 'open-ended' })
    return
  }
  if (beforeEpoch !== undefined && readEpoch !== undefined && readEpoch >= beforeEpoch) return
  device.rooms.delete(roomId)
  device.markedUnread.delete(roomId)
}

/** One that is on its way to be opened does not know its epoch yet: the mark waits for it. */
function endOpen(device: LocalDevice, frame: Extract<Frame, { kind: 'open-ended' }>): void {
  const { roomId, deviceId = device.deviceId, beforeEpoch } = frame
  const { rooms, markedUnread } = device
  if (deviceId !== device.deviceId || !(rooms.has(roomId) || markedUnread.has(roomId))) return
  if (beforeEpoch !== undefined && (rooms.get(roomId) ?? 0) >= beforeEpoch) return
  rooms.delete(roomId)
  markedUnread.set(roomId, Math.max(beforeEpoch ?? 0, markedUnread.get(roomId) ?? 0))
}
