import type { DeviceSpec, Journal } from '../crowd/crowd-job.ts'
import type { StoredMessage } from './recount.ts'

/** How long one message took to show at one device. */
export type Gap = {
  deviceId: string
  committedAtMs: number
  seenAtMs: number
  /** Its connection was there from the commit until then. */
  wasConnected: boolean
}

export type GapQuestion = {
  messages: readonly StoredMessage[]
  devices: readonly DeviceSpec[]
  sightings: Journal['sightings']
  links: Links
}

type Link = Journal['links'][number]

/** Connections that came and went, device by device, from the beginning on. */
export class Links {
  readonly #byDevice = new Map<string, Link[]>()

  add(links: readonly Link[]): void {
    for (const link of links) {
      const known = this.#byDevice.get(link.deviceId)
      if (known === undefined) this.#byDevice.set(link.deviceId, [link])
      else known.push(link)
    }
  }

  heldFrom(deviceId: string, { fromMs, untilMs }: { fromMs: number; untilMs: number }): boolean {
    const links = this.#byDevice.get(deviceId) ?? []
    const last = links.findLast(({ atMs }) => atMs <= untilMs)
    return last?.isUp === true && last.atMs <= fromMs
  }
}

/**
 * For every message and every device of the others in the room: from the commit until the device knew of that place.
 * A room that a device looks at now and then is left out: its row is not sent while it is open.
 *
 * @returns the gaps, and how many messages a device never came to know of.
 */
export function badgeGaps({ messages, devices, sightings, links }: GapQuestion): {
  gaps: Gap[]
  unseen: number
} {
  const seen = Map.groupBy(sightings, ({ deviceId, roomId }) => `${deviceId}\n${roomId}`)
  const watchers = new Map<string, DeviceSpec[]>()
  for (const device of devices) {
    for (const roomId of device.roomIds) {
      if (roomId === device.frontRoomId) continue
      watchers.set(roomId, [...(watchers.get(roomId) ?? []), device])
    }
  }
  const gaps: Gap[] = []
  let unseen = 0
  for (const { roomId, seq, senderId, committedAtMs } of messages) {
    for (const { deviceId, userId } of watchers.get(roomId) ?? []) {
      if (userId === senderId) continue
      const sighting = firstFrom(seen.get(`${deviceId}\n${roomId}`) ?? [], seq)
      if (sighting === undefined) {
        unseen += 1
        continue
      }
      const span = { fromMs: committedAtMs, untilMs: sighting.atMs }
      gaps.push({
        deviceId,
        committedAtMs,
        seenAtMs: sighting.atMs,
        wasConnected: links.heldFrom(deviceId, span),
      })
    }
  }
  return { gaps, unseen }
}

/** The first that knows of this place: places only rise. */
function firstFrom(sightings: Journal['sightings'], seq: number): Journal['sightings'][number] | undefined {
  let [low, high] = [0, sightings.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sightings[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return sightings[low]
}

/** How long one gap is, in ms; both clocks are this machine's, and the database's is read a moment before the commit. */
export const gapMs = ({ committedAtMs, seenAtMs }: Gap): number => Math.max(0, seenAtMs - committedAtMs)
