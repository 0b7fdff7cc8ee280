import { createTally, isConnected, type RoomHandle, type Tally } from '@tally/client'
import type { RoomId } from '@tally/protocol'
import type { DeviceSpec, Journal } from './crowd-job.ts'
import { clockMs, type Device, type DeviceOptions, type Shown } from './device.ts'

/** Our own client: what it shows is what people see. Sends and retries are its own; refusals of sends stay inside it. */
export class SdkDevice implements Device {
  readonly spec: DeviceSpec
  readonly #journal: Journal
  readonly #tally: Tally
  /** Messages on their way, by their `clientId`, room by room. */
  readonly #pending = new Map<string, Map<string, Journal['sends'][number]>>()
  readonly #seen = new Map<string, number>()
  #closeRoom: (() => void) | undefined

  constructor({ url, spec, journal, random }: DeviceOptions) {
    this.spec = spec
    this.#journal = journal
    this.#tally = createTally({ url, token: spec.token, random })
  }

  get isConnected(): boolean {
    return isConnected(this.#tally.connection.get())
  }

  get waiting(): number {
    return [...this.#pending.values()].reduce((sum, { size }) => sum + size, 0)
  }

  start(): Promise<void> {
    const { connection, rooms } = this.#tally
    const { deviceId } = this.spec
    this.#tally.onBadgeTrace(({ roomId, seq }) => this.#saw(roomId, seq ?? 0))
    let wasUp = false
    const started = new Promise<void>((resolve) => {
      connection.subscribe(() => {
        const isUp = this.isConnected
        if (isUp === wasUp) return
        wasUp = isUp
        this.#journal.links.push({ deviceId, isUp, atMs: clockMs() })
        if (!isUp) return
        for (const { id, seq } of rooms.get().items) this.#saw(id, seq)
        resolve()
      })
    })
    this.#tally.start()
    return started
  }

  send({ roomId, text, wantedAtMs }: { roomId: string; text: string; wantedAtMs: number }): void {
    const room = this.#room(roomId)
    let pending = this.#pending.get(roomId)
    if (pending === undefined) {
      pending = new Map()
      this.#pending.set(roomId, pending)
      room.messages.subscribe(() => this.#noteStored(room))
    }
    const send: Journal['sends'][number] = { text, deviceId: this.spec.deviceId, roomId, wantedAtMs }
    this.#journal.sends.push(send)
    pending.set(room.send(text).clientId, send)
  }

  read(roomId: string): void {
    const state = this.#room(roomId).state.get()
    if (state !== undefined && state.seq > 0) this.#room(roomId).markRead(state.seq)
  }

  open(): void {
    const { frontRoomId } = this.spec
    if (frontRoomId === undefined || this.#closeRoom !== undefined) return
    const room = this.#room(frontRoomId)
    const unsubscribe = room.messages.subscribe(() => confirm(room))
    const close = room.open()
    this.#closeRoom = () => {
      unsubscribe()
      close()
    }
  }

  async close(): Promise<void> {
    this.#closeRoom?.()
    this.#closeRoom = undefined
  }

  shown(): Shown {
    const { items } = this.#tally.rooms.get()
    return {
      total: this.#tally.badge.get()?.total ?? null,
      rooms: new Map(items.map(({ id, me }) => [id, me.unread])),
    }
  }

  screenFault(head: number): string | undefined {
    const { frontRoomId, deviceId } = this.spec
    if (frontRoomId === undefined || this.#closeRoom === undefined) return undefined
    const { items, hasAfter } = this.#room(frontRoomId).messages.get()
    const seqs = items.flatMap((message) => (message.state === 'sent' ? [message.seq] : []))
    const first = seqs[0]
    const isDense = first === undefined || seqs.every((seq, index) => seq === first + index)
    const last = seqs.at(-1) ?? 0
    if (isDense && last === head && !hasAfter) return undefined
    const what = isDense ? `up to ${last} of ${head}` : `not each once and in order (of ${seqs.length})`
    return `${deviceId} in ${frontRoomId}: shows messages ${what}`
  }

  stop(): void {
    void this.#tally.stop()
  }

  #room(roomId: string): RoomHandle {
    return this.#tally.room(roomId as RoomId)
  }

  #saw(roomId: string, seq: number): void {
    if (seq <= (this.#seen.get(roomId) ?? 0)) return
    this.#seen.set(roomId, seq)
    this.#journal.sightings.push({ deviceId: this.spec.deviceId, roomId, seq, atMs: clockMs() })
  }

  /** What waited and is no longer among what waits is stored. */
  #noteStored(room: RoomHandle): void {
    const pending = this.#pending.get(room.roomId)
    if (pending === undefined || pending.size === 0) return
    const left = new Set<string>()
    for (const message of room.messages.get().items) {
      if (message.state === 'sent') continue
      left.add(message.clientId)
      if (message.state !== 'failed') continue
      this.#journal.refusals.push({ code: message.error?.code ?? 'failed', atMs: clockMs() })
      // Not from within the notification of its failure.
      queueMicrotask(() => room.retry(message.clientId))
    }
    for (const [clientId, send] of pending) {
      if (left.has(clientId)) continue
      send.ackedAtMs = clockMs()
      pending.delete(clientId)
    }
  }
}

/** Somebody looks: what is on the screen is read. */
function confirm(room: RoomHandle): void {
  const last = room.messages.get().items.findLast(({ state }) => state === 'sent')
  if (last?.state === 'sent') room.markRead(last.seq)
}
