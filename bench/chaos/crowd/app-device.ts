import { io, type Socket } from 'socket.io-client'
import type { DeviceSpec } from './crowd-job.ts'
import { clockMs, type Device, type DeviceOptions, type Shown } from './device.ts'
import { Outbox, Refused } from './outbox.ts'
import { Visit } from './visit.ts'

/** How installed apps connect: five tries in about 15 s, then they stay dark until somebody opens them. */
const APP_RECONNECTS = { reconnectionAttempts: 5, reconnectionDelay: 1_000, reconnectionDelayMax: 5_000 }
const REOPENED_AFTER_MS = 2_000
const ACK_DEADLINE_MS = 5_000
const RETRY_MS = 500

type Row = { roomId: string; unread_count: number; rev?: number; last_message_seq?: number }
type SyncRoom = { id: string; seq: number; me: { unread: number } }
type SyncAnswer = {
  rev: number
  badge: { total: number | null; rev: number }
  rooms: SyncRoom[]
  next: string | null
}
type Ack = { ok: boolean; error?: { code: string } }

/** The bare `socket.io-client`, used as an installed app uses it. */
export class AppDevice implements Device {
  readonly spec: DeviceSpec
  readonly #options: DeviceOptions
  readonly #outbox: Outbox
  readonly #socket: Socket
  readonly #rows = new Map<string, { unread: number; seq: number; rev: number }>()
  #total: { value: number | null; rev: number } = { value: null, rev: -1 }
  #isKnown = false
  #wantsOpen = false
  #visit: Visit | undefined
  /** The server may have it open on this connection, also when its answer was lost. */
  #mayBeOpen = false

  constructor(options: DeviceOptions) {
    const { url, spec, journal, random } = options
    this.spec = spec
    this.#options = options
    this.#socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      autoConnect: false,
      ...APP_RECONNECTS,
    })
    this.#outbox = new Outbox({
      deviceId: spec.deviceId,
      journal,
      random,
      isConnected: () => this.isConnected,
      deliver: async ({ roomId, text, clientId }) => {
        await this.#ask('send-message', { roomId, message: text, clientId })
      },
    })
  }

  get isConnected(): boolean {
    return this.#isKnown && this.#socket.connected
  }

  get waiting(): number {
    return this.#outbox.waiting
  }

  start(): Promise<void> {
    const socket = this.#socket
    const { journal, spec } = this.#options
    socket.on('connect', () => socket.emit('authenticate', spec.token))
    socket.on('disconnect', (reason) => {
      if (this.#isKnown) journal.links.push({ deviceId: spec.deviceId, isUp: false, atMs: clockMs() })
      this.#isKnown = false
      this.#visit = undefined
      this.#mayBeOpen = false
      // An app that the server sent away by name does not come back by itself.
      if (reason === 'io server disconnect') this.#reopen()
    })
    socket.io.on('reconnect_failed', () => this.#reopen())
    socket.on('chat-room-updated', (row: Row) => this.#applyRow(row))
    socket.on('total-unread-count-updated', (badge: { totalUnreadCount: number; rev?: number }) => {
      this.#total = { value: badge.totalUnreadCount, rev: badge.rev ?? 0 }
    })
    socket.on('new-message', (message: { room_id: string; seq: number }) => this.#visit?.heard(message))
    return new Promise((resolve) => {
      socket.on('authenticated', () => void this.#catchUp().then(resolve))
      socket.connect()
    })
  }

  send(message: { roomId: string; text: string; wantedAtMs: number }): void {
    this.#outbox.add(message)
  }

  read(roomId: string): void {
    const row = this.#rows.get(roomId)
    if (row === undefined || !this.isConnected) return
    // Whether it was read shows in the next row; a read that was lost is nothing worse than a message not yet read.
    this.#socket.emit('mark-read', { roomId, upToSeq: row.seq }, () => {})
  }

  open(): void {
    this.#wantsOpen = true
    void this.#join()
  }

  async close(): Promise<void> {
    this.#wantsOpen = false
    const { frontRoomId: roomId } = this.spec
    this.#visit = undefined
    if (roomId === undefined || !this.#mayBeOpen || !this.isConnected) return
    this.#mayBeOpen = false
    await this.#ask('leave-room', { roomId }).catch(() => {})
  }

  shown(): Shown {
    return {
      total: this.#total.value,
      rooms: new Map([...this.#rows].map(([roomId, { unread }]) => [roomId, unread])),
    }
  }

  screenFault(head: number): string | undefined {
    return this.#visit?.fault(head)
  }

  stop(): void {
    this.#outbox.stop()
    this.#socket.disconnect()
  }

  #reopen(): void {
    this.#options.journal.wentDark += 1
    setTimeout(() => this.#socket.connect(), REOPENED_AFTER_MS)
  }

  /** What an app does once it is signed in: gets its list and its badge, and goes back to the room it showed. */
  async #catchUp(): Promise<void> {
    for (const row of this.#rows.values()) row.rev = -1
    this.#total.rev = -1
    const { socket, journal, spec } = { ...this.#options, socket: this.#socket }
    const { id } = socket
    try {
      for (let next: string | null | undefined; next !== null; ) {
        const page: SyncAnswer = await this.#ask('sync', next === undefined ? {} : { next })
        if (socket.id !== id) return
        for (const { id: roomId, seq, me } of page.rooms)
          this.#learn(roomId, { seq, unread: me.unread, rev: page.rev })
        const { badge } = page
        if (badge.total !== null && badge.rev >= this.#total.rev)
          this.#total = { value: badge.total, rev: badge.rev }
        next = page.next
      }
    } catch {
      setTimeout(() => {
        if (socket.connected && socket.id === id) void this.#catchUp()
      }, RETRY_MS)
      return
    }
    this.#isKnown = true
    journal.links.push({ deviceId: spec.deviceId, isUp: true, atMs: clockMs() })
    if (this.#wantsOpen) await this.#join()
  }

  #applyRow({ roomId, unread_count, rev = 0, last_message_seq }: Row): void {
    this.#learn(roomId, { unread: unread_count, rev, seq: last_message_seq ?? 0 })
  }

  #learn(roomId: string, told: { unread: number; seq: number; rev: number }): void {
    const known = this.#rows.get(roomId)
    if (told.seq > (known?.seq ?? 0)) {
      const { journal, spec } = this.#options
      journal.sightings.push({ deviceId: spec.deviceId, roomId, seq: told.seq, atMs: clockMs() })
    }
    if (known !== undefined && told.rev < known.rev) return
    this.#rows.set(roomId, { ...told, seq: Math.max(told.seq, known?.seq ?? 0) })
  }

  async #join(): Promise<void> {
    const { frontRoomId: roomId, deviceId } = this.spec
    if (roomId === undefined || this.#visit !== undefined || !this.isConnected) return
    const visit = new Visit({ roomId, deviceId, journal: this.#options.journal })
    this.#visit = visit
    this.#mayBeOpen = true
    try {
      const { seq } = await this.#ask<{ seq: number }>('join-room', { roomId })
      visit.joinedAt(seq)
    } catch {
      if (this.#visit === visit) this.#visit = undefined
    }
  }

  async #ask<T>(event: string, payload: object): Promise<T> {
    const answer: Ack = await this.#socket.timeout(ACK_DEADLINE_MS).emitWithAck(event, payload)
    if (!answer.ok) throw new Refused(answer.error?.code ?? 'unknown')
    return answer as T
  }
}
