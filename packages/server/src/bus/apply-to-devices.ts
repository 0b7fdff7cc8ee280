import type { Frame } from './frames.ts'
import type { LocalDevices } from './local-devices.ts'

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
      devices.sessionsEnded(frame.userId, performance.now())
      devices.wake(frame.userId, 'ended')
    }
    if (frame.kind !== 'membership-ended' && frame.kind !== 'open-ended') continue
    // The next touch must not re-assert a lease that ended.
    for (const { deviceId, rooms, markedUnread } of devices.of(frame.userId)) {
      if (frame.kind === 'open-ended' && (frame.deviceId ?? deviceId) !== deviceId) continue
      const wasOpen = rooms.delete(frame.roomId)
      if (frame.kind === 'membership-ended') markedUnread.delete(frame.roomId)
      else if (wasOpen) markedUnread.set(frame.roomId, true)
    }
    devices.wake(frame.userId)
  }
}
