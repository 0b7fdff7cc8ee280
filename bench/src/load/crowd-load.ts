import { ProcessorShare } from '../measure/processor-share.ts'
import { WireSocket } from '../wire/wire-socket.ts'
import { inBatches, type Person } from './people.ts'
import { serveLoad } from './serve-load.ts'

/** @param atOnce handshakes under way at any time: a kernel's queue of connections that were not accepted is short. */
export type CrowdJob = { url: string; people: readonly Person[]; atOnce: number }

/** What connecting was like. Times in ms, from the beginning for all of them. */
export type CrowdSeen = {
  tookMs: number
  /** Until each had synced what it missed. */
  caughtUpMs: Float64Array
  failed: number
  processorShare: number
}

export type CrowdTotal = { userId: string; total: number }

type Device = { person: Person; socket: WireSocket | undefined; rev: number; total: number }

type SyncAnswer = { rev: number; badge: { total: number } }

function take(device: Device, { rev, badge }: SyncAnswer): void {
  device.rev = rev
  device.total = badge.total
}

/** People who are there and do nothing; and who all go and come back at once. */
export class CrowdLoad {
  #url = ''
  #devices: Device[] = []

  async connect({ url, people, atOnce }: CrowdJob): Promise<CrowdSeen> {
    this.#url = url
    const joining = people.map((person): Device => ({ person, socket: undefined, rev: 0, total: 0 }))
    this.#devices.push(...joining)
    return this.#open(joining, { atOnce, isSyncing: false })
  }

  /** Everybody says what they have and hears what they missed. */
  async sync(): Promise<void> {
    await inBatches(this.#devices, async (device) => {
      const answer = await device.socket?.ask<SyncAnswer>('sync', {})
      if (answer !== undefined) take(device, answer)
    })
  }

  /** The first so many are cut off at the same moment. */
  cut({ people }: { people: number }): void {
    for (const device of this.#devices.slice(0, people)) {
      device.socket?.close()
      device.socket = undefined
    }
  }

  /** Everybody who was cut off comes back at once and catches up. */
  async comeBack(): Promise<CrowdSeen> {
    const away = this.#devices.filter(({ socket }) => socket === undefined)
    return this.#open(away, { atOnce: away.length, isSyncing: true })
  }

  /** What everybody was told last when they synced. */
  totals(): CrowdTotal[] {
    return this.#devices.map(({ person: { userId }, total }) => ({ userId, total }))
  }

  /** @returns how many are connected. */
  count(): number {
    return this.#devices.filter(({ socket }) => socket !== undefined).length
  }

  close(): void {
    for (const { socket } of this.#devices) socket?.close()
  }

  async #open(
    devices: readonly Device[],
    { atOnce, isSyncing }: { atOnce: number; isSyncing: boolean },
  ): Promise<CrowdSeen> {
    const share = new ProcessorShare()
    const startedMs = performance.now()
    const caughtUpMs: number[] = []
    let failed = 0
    const open = async (device: Device): Promise<void> => {
      const { token } = device.person
      device.socket = undefined
      device.socket = await WireSocket.open({
        url: this.#url,
        token,
        onEvent: () => {},
        onLost: () => {
          device.socket = undefined
        },
      })
      if (isSyncing) take(device, await device.socket.ask<SyncAnswer>('sync', { since: device.rev }))
      caughtUpMs.push(performance.now() - startedMs)
    }
    const waiting = [...devices]
    const work = async (): Promise<void> => {
      for (let device = waiting.pop(); device !== undefined; device = waiting.pop()) {
        await open(device).catch(() => {
          failed += 1
        })
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, devices.length) }, work))
    return {
      tookMs: performance.now() - startedMs,
      caughtUpMs: Float64Array.from(caughtUpMs),
      failed,
      processorShare: share.get(),
    }
  }
}

if (import.meta.main) serveLoad(new CrowdLoad())
