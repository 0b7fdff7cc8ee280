import { setTimeout as delay } from 'node:timers/promises'
import type { DeviceSpec } from './crowd-job.ts'
import { clockMs, type Device, type DeviceOptions, type Shown } from './device.ts'
import { Outbox, Refused } from './outbox.ts'

const WAIT_SECONDS = 5
const POLL_DEADLINE_MS = 15_000
const REQUEST_DEADLINE_MS = 5_000
const RETRY_MS = { least: 100, most: 500 }

type Answer = {
  rev: number
  badge: { total: number | null }
  rooms: { id: string; seq: number; me: { unread: number } }[]
  full: boolean
  next: string | null
}

/** A client without a socket: one sync that waits, then the next, each to whichever server it comes. */
export class PollDevice implements Device {
  readonly spec: DeviceSpec
  readonly #options: DeviceOptions
  readonly #outbox: Outbox
  readonly #rows = new Map<string, { unread: number; seq: number }>()
  #total: number | null = null
  #rev: number | undefined
  #isStopped = false
  isConnected = false

  constructor(options: DeviceOptions) {
    this.spec = options.spec
    this.#options = options
    this.#outbox = new Outbox({
      deviceId: options.spec.deviceId,
      journal: options.journal,
      random: options.random,
      isConnected: () => true,
      deliver: async ({ roomId, text, clientId }) => {
        await this.#post(`/v1/rooms/${roomId}/messages`, { text, clientId })
      },
    })
  }

  get waiting(): number {
    return this.#outbox.waiting
  }

  start(): Promise<void> {
    return new Promise((resolve) => void this.#poll(resolve))
  }

  send(message: { roomId: string; text: string; wantedAtMs: number }): void {
    this.#outbox.add(message)
  }

  read(roomId: string): void {
    const row = this.#rows.get(roomId)
    if (row === undefined || row.seq === 0) return
    this.#post(`/v1/rooms/${roomId}/read`, { upToSeq: row.seq }).catch(() => {})
  }

  open(): void {}

  async close(): Promise<void> {}

  shown(): Shown {
    return {
      total: this.#total,
      rooms: new Map([...this.#rows].map(([roomId, { unread }]) => [roomId, unread])),
    }
  }

  screenFault(): undefined {
    return undefined
  }

  stop(): void {
    this.#isStopped = true
    this.#outbox.stop()
  }

  async #poll(onKnown: () => void): Promise<void> {
    const { journal, spec, random } = this.#options
    for (let next: string | null = null; !this.#isStopped; ) {
      try {
        const query = new URLSearchParams()
        if (next !== null) query.set('next', next)
        else if (this.#rev !== undefined) {
          query.set('since', String(this.#rev))
          query.set('wait', String(WAIT_SECONDS))
        }
        const response = await this.#fetch(`/v1/sync?${query}`, { deadlineMs: POLL_DEADLINE_MS })
        if (response.status === 200) next = this.#apply((await response.json()) as Answer)
        if (!this.isConnected) journal.links.push({ deviceId: spec.deviceId, isUp: true, atMs: clockMs() })
        this.isConnected = true
        if (next === null) onKnown()
      } catch {
        if (this.isConnected) journal.links.push({ deviceId: spec.deviceId, isUp: false, atMs: clockMs() })
        this.isConnected = false
        next = null
        await delay(RETRY_MS.least + random() * (RETRY_MS.most - RETRY_MS.least))
      }
    }
  }

  #apply({ rev, badge, rooms, next }: Answer): string | null {
    const { journal, spec } = this.#options
    for (const { id: roomId, seq, me } of rooms) {
      const known = this.#rows.get(roomId)
      if (seq > (known?.seq ?? 0)) {
        journal.sightings.push({ deviceId: spec.deviceId, roomId, seq, atMs: clockMs() })
      }
      this.#rows.set(roomId, { unread: me.unread, seq: Math.max(seq, known?.seq ?? 0) })
    }
    // Unknown, for now: what is shown stays.
    if (badge.total !== null) this.#total = badge.total
    this.#rev = rev
    return next
  }

  async #post(path: string, body: object): Promise<void> {
    const response = await this.#fetch(path, { deadlineMs: REQUEST_DEADLINE_MS, body })
    await response.arrayBuffer()
  }

  async #fetch(path: string, { deadlineMs, body }: { deadlineMs: number; body?: object }): Promise<Response> {
    const { url, spec } = this.#options
    const response = await fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${spec.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(deadlineMs),
    })
    if (response.ok || response.status === 304) return response
    const refusal = (await response.json().catch(() => ({}))) as { error?: { code?: string } }
    throw new Refused(refusal.error?.code ?? `status_${response.status}`)
  }
}
