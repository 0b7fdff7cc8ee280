/**
 * A crowd: devices of many people in one process, which stands outside of the servers as their phones do. It does what
 * its parent asks (`CrowdCalls`), and ends with it.
 */
import { Chance } from '../chance.ts'
import { AppDevice } from './app-device.ts'
import type { CrowdCall, CrowdCalls, CrowdJob, Journal, Mismatch, Style } from './crowd-job.ts'
import { type Device, type DeviceOptions, emptyJournal } from './device.ts'
import { PollDevice } from './poll-device.ts'
import { SdkDevice } from './sdk-device.ts'
import { SocketIoLine } from './socket-io-line.ts'
import { SteadyLoad } from './steady-load.ts'
import { WireLine } from './wire-line.ts'

const STARTS_AT_ONCE = 25
const POLL_MS = 50
/** Enough to see what is wrong; a report of thousands helps nobody. */
const MOST_MISMATCHES = 20

const STYLES: Record<Style, (options: DeviceOptions) => Device> = {
  sdk: (options) => new SdkDevice(options),
  app: (options) => new AppDevice(options, (line) => new SocketIoLine(line)),
  lean: (options) => new AppDevice(options, (line) => new WireLine(line)),
  poll: (options) => new PollDevice(options),
}

const journal = emptyJournal()
let devices: Device[] = []
let load: SteadyLoad | undefined

const calls: CrowdCalls = {
  start: async (job) => {
    devices = makeDevices(job)
    for (let index = 0; index < devices.length; index += STARTS_AT_ONCE) {
      await Promise.all(devices.slice(index, index + STARTS_AT_ONCE).map((device) => device.start()))
    }
  },
  load: async (order) => {
    load = new SteadyLoad(devices, order)
    load.start()
  },
  silence: async () => load?.stop(),
  settle: async (deadlineMs) => {
    const waiting = (): number => devices.reduce((sum, device) => sum + device.waiting, 0)
    const endMs = performance.now() + deadlineMs
    while (waiting() > 0 && performance.now() < endMs) await new Promise((wake) => setTimeout(wake, POLL_MS))
    return waiting()
  },
  openFrontRooms: async (isOpen) => {
    if (isOpen) for (const device of devices) device.open()
    else await Promise.all(devices.map((device) => device.close()))
  },
  sendOne: async ({ deviceId, ...message }) => {
    const device = deviceOf(deviceId)
    device.send({ ...message, wantedAtMs: performance.timeOrigin + performance.now() })
    while (device.waiting > 0) await new Promise((wake) => setTimeout(wake, 5))
  },
  compare: async (truth) => {
    const found = devices.map((device) => mismatchesOf(device, truth))
    const wrong = found.filter(({ length }) => length > 0)
    return { wrongDevices: wrong.length, mismatches: wrong.flat().slice(0, MOST_MISMATCHES) }
  },
  screenFaults: async (heads) =>
    devices.flatMap((device) => {
      const { frontRoomId } = device.spec
      return frontRoomId === undefined ? [] : (device.screenFault(heads[frontRoomId] ?? 0) ?? [])
    }),
  shown: async ({ deviceId, roomId }) => deviceOf(deviceId).shown().rooms.get(roomId) ?? null,
  collect: async () => {
    const noted: Journal = { ...journal }
    Object.assign(journal, emptyJournal())
    return noted
  },
  connected: async () => devices.filter((device) => device.isConnected).length,
}

function makeDevices({ url, seed, devices: specs }: CrowdJob): Device[] {
  const chance = new Chance(seed)
  return specs.map((spec) => {
    const options: DeviceOptions = { url, spec, journal, random: () => chance.next() }
    return STYLES[spec.style](options)
  })
}

function mismatchesOf(device: Device, truth: Parameters<CrowdCalls['compare']>[0]): Mismatch[] {
  const { deviceId, userId, roomIds } = device.spec
  const person = truth.people[userId]
  if (person === undefined) return []
  const { total, rooms } = device.shown()
  const wrong: Mismatch[] = []
  if (total !== person.total) wrong.push({ deviceId, roomId: null, shown: total, truth: person.total })
  for (const roomId of roomIds) {
    const [shown, unread] = [rooms.get(roomId) ?? null, person.rooms[roomId] ?? 0]
    if (shown !== unread) wrong.push({ deviceId, roomId, shown, truth: unread })
  }
  return wrong
}

function deviceOf(deviceId: string): Device {
  const device = devices.find(({ spec }) => spec.deviceId === deviceId)
  if (device === undefined) throw new Error(`there is no device ${deviceId} in this crowd`)
  return device
}

process.on('message', ({ id, call, argument }: { id: number; call: CrowdCall; argument: never }) => {
  calls[call](argument).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  )
})
// Whatever became of the parent: without it nobody asks anything any more.
process.once('disconnect', () => process.exit(0))
