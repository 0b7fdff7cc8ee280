import { Chance } from '../chance.ts'
import type { LoadOrder } from './crowd-job.ts'
import type { Device } from './device.ts'

/**
 * Sends at a steady rate, whatever the servers do (no coordinated omission), and reads, opens and closes rooms beside
 * it. What falls due while the process sleeps is sent late, with its intended time.
 */
export class SteadyLoad {
  readonly #devices: readonly Device[]
  readonly #openers: readonly Device[]
  readonly #open = new Set<Device>()
  readonly #order: LoadOrder
  readonly #chance: Chance
  #startMs = 0
  #done = 0
  #sent = 0
  #timer: NodeJS.Timeout | undefined

  constructor(devices: readonly Device[], order: LoadOrder) {
    this.#devices = devices
    this.#openers = devices.filter(({ spec }) => spec.frontRoomId !== undefined)
    this.#order = order
    this.#chance = new Chance(order.seed)
  }

  start(): void {
    this.#startMs = performance.now()
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #catchUp(): void {
    const { perSecond, readShare, openShare } = this.#order
    const due = 1 + Math.floor(((performance.now() - this.#startMs) * perSecond) / 1_000)
    for (; this.#done < due; this.#done += 1) {
      const intendedMs = this.#startMs + (this.#done * 1_000) / perSecond
      this.#send(performance.timeOrigin + intendedMs)
      if (this.#chance.is(readShare)) this.#read()
      if (this.#chance.is(openShare)) this.#openOrClose()
    }
  }

  #send(wantedAtMs: number): void {
    const device = this.#chance.pick(this.#devices)
    const roomId = this.#chance.pick(device?.spec.roomIds ?? [])
    if (device === undefined || roomId === undefined) return
    const { label } = this.#order
    device.send({ roomId, text: `${label} ${device.spec.deviceId} ${++this.#sent}`, wantedAtMs })
  }

  #read(): void {
    const device = this.#chance.pick(this.#devices)
    const roomId = this.#chance.pick(device?.spec.roomIds ?? [])
    if (roomId !== undefined) device?.read(roomId)
  }

  #openOrClose(): void {
    const device = this.#chance.pick(this.#openers)
    if (device === undefined) return
    if (this.#open.delete(device)) void device.close()
    else {
      this.#open.add(device)
      device.open()
    }
  }
}

const TICK_MS = 2
