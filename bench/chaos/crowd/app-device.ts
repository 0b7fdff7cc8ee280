import type { DeviceSpec } from './crowd-job.ts'
import { clockMs, type Device, type DeviceOptions, type Shown } from './device.ts'
import type { Line, LineOptions, Row } from './line.ts'
import { Outbox } from './outbox.ts'
import { Visit } from './visit.ts'

const REOPENED_AFTER_MS = 2_000
const RETRY_MS = 500

type SyncRoom = { id: string; seq: number; me: { unread: number } }
type SyncAnswer = {
  rev: number
  badge: { total: number | null; rev: number }
  rooms: SyncRoom[]
  next: string | null
}

/** A device that knows what the server tells it on a line, and no more: an installed app. */
export class AppDevice implements Device {
  readonly spec: DeviceSpec
  readonly #options: DeviceOptions
  readonly #outbox: Outbox
  readonly #line: Line
  readonly #rows = new Map<string, { unread: number; seq: number; rev: number }>()
  #total: { value: number | null; rev: number } = { value: null, rev: -1 }
  #isKnown = false
  /** How often it was signed in. */
  #connections = 0
  readonly #started = Promise.withResolvers<void>()
  #wantsOpen = false
  #visit: Visit | undefined
  /** The server may have it open on this connection, also when its answer was lost. */
  #mayBeOpen = false

  constructor(options: DeviceOptions, openLine: (options: LineOptions) => Line) {
    const { url, spec, journal, random } = options
    this.spec = spec
    this.#options = options
    this.#line = openLine({
      url,
      token: spec.token,
      random,
      ...(spec.nodeUrl === undefined ? {} : { firstUrl: spec.nodeUrl }),
      events: {
        onSignedIn: () => this.#signedIn(),
        onLost: () => this.#lost(),
        onGaveUp: () => this.#reopen(),
        onRow: (row) => this.#learn(row),
        onTotal: (total) => {
          this.#total = total
        },
        // Not with the answer, which comes behind the first messages; those of an earlier stay may come before this.
        onJoined: ({ roomId, seq }) => {
          if (this.#visit?.roomId === roomId) this.#visit.joinedAt(seq)
        },
        onMessage: (message) => this.#visit?.heard(message),
      },
    })
    this.#outbox = new Outbox({
      deviceId: spec.deviceId,
      journal,
      random,
      isConnected: () => this.isConnected,
      deliver: async ({ roomId, text, clientId }) => {
        await this.#line.ask('send-message', { roomId, message: text, clientId })
      },
    })
  }

  get isConnected(): boolean {
    return this.#isKnown && this.#line.isUp
  }

  get waiting(): number {
    return this.#outbox.waiting
  }

  start(): Promise<void> {
    this.#line.connect()
    return this.#started.promise
  }

  send(message: { roomId: string; text: string; wantedAtMs: number }): void {
    this.#outbox.add(message)
  }

  read(roomId: string): void {
    const row = this.#rows.get(roomId)
    if (row === undefined || !this.isConnected) return
    // Whether it was read shows in the next row; a read that was lost is nothing worse than a message not yet read.
    this.#line.tell('mark-read', { roomId, upToSeq: row.seq })
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
    await this.#line.ask('leave-room', { roomId }).catch(() => {})
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
    this.#line.end()
  }

  #signedIn(): void {
    this.#connections += 1
    void this.#catchUp().then(this.#started.resolve)
  }

  #lost(): void {
    const { journal, spec } = this.#options
    if (this.#isKnown) journal.links.push({ deviceId: spec.deviceId, isUp: false, atMs: clockMs() })
    this.#isKnown = false
    this.#visit = undefined
    this.#mayBeOpen = false
  }

  #reopen(): void {
    this.#options.journal.wentDark += 1
    setTimeout(() => this.#line.connect(), REOPENED_AFTER_MS)
  }

  /** What an app does once it is signed in: gets its list and its badge, and goes back to the room it showed. */
  async #catchUp(): Promise<void> {
    for (const row of this.#rows.values()) row.rev = -1
    this.#total.rev = -1
    const { journal, spec } = this.#options
    const connection = this.#connections
    const isOver = (): boolean => !this.#line.isUp || this.#connections !== connection
    try {
      for (let next: string | null | undefined; next !== null; ) {
        const page: SyncAnswer = await this.#line.ask('sync', next === undefined ? {} : { next })
        if (isOver()) return
        for (const { id: roomId, seq, me } of page.rooms)
          this.#learn({ roomId, seq, unread: me.unread, rev: page.rev })
        const { badge } = page
        if (badge.total !== null && badge.rev >= this.#total.rev)
          this.#total = { value: badge.total, rev: badge.rev }
        next = page.next
      }
    } catch {
      setTimeout(() => {
        if (!isOver()) void this.#catchUp()
      }, RETRY_MS)
      return
    }
    this.#isKnown = true
    journal.links.push({ deviceId: spec.deviceId, isUp: true, atMs: clockMs() })
    if (this.#wantsOpen) await this.#join()
  }

  #learn({ roomId, ...told }: Row): void {
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
      await this.#line.ask('join-room', { roomId })
    } catch {
      if (this.#visit === visit) this.#visit = undefined
    }
  }
}
