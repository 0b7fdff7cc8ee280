import {
  type Message,
  type MessageDeleted,
  type MessageUpdated,
  RequestError,
  type RoomId,
  type ServerEventName,
  type UserId,
  type WireBadge,
  type WireMessage,
} from '@tally/protocol'
import { registerOfWire } from '../../../client/src/message-register.ts'
import { listMessages } from '../../src/actions/list-messages.ts'
import type { Chance } from '../scenarios/seeded.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { VirtualTime } from './virtual-time.ts'
import { Wire } from './wire.ts'

export type InstalledAppOptions = {
  readonly name: string
  readonly userId: UserId
  readonly time: VirtualTime
  readonly chance: Chance
  readonly findNode: () => SimulatedNode | undefined
}

/** How soon it tries again what failed. */
const RETRY_MS = 1_500
const TIMEOUT_MS = 10_000
const PAGE = 20

/**
 * An app that is installed already and knows nothing of revs and changes: it joins the room on its screen, loads a page,
 * and shows whatever it was told last. When its connection broke it begins anew.
 */
export class InstalledApp {
  readonly name: string
  readonly userId: UserId
  /** The total that it was told last. */
  badge: WireBadge | undefined
  readonly #options: InstalledAppOptions
  #wire: Wire | undefined
  /** The same, once it is connected. */
  #live: Wire | undefined
  #connections = 0
  #isGone = false
  #screen: Screen | undefined

  constructor(options: InstalledAppOptions) {
    this.#options = options
    this.name = options.name
    this.userId = options.userId
    void this.#connect()
  }

  /** The room on its screen. */
  get openRoom(): RoomId | undefined {
    return this.#screen?.roomId
  }

  /** What is on the screen, oldest first; `undefined` while nothing was loaded. */
  get shown(): Message[] | undefined {
    return this.#screen?.shown()
  }

  open(roomId: RoomId): void {
    this.close()
    this.#screen = new Screen(roomId)
    void this.#join(this.#screen)
  }

  close(): void {
    const roomId = this.openRoom
    this.#screen = undefined
    if (roomId !== undefined) this.#live?.send('leave-room', { roomId }).catch(() => {})
  }

  cut(): void {
    this.#wire?.cut()
  }

  vanish(): void {
    this.#isGone = true
    this.#wire?.vanish()
  }

  nodeDied(node: SimulatedNode): void {
    if (this.#wire?.node === node) this.#wire.nodeDied()
  }

  async #connect(): Promise<void> {
    const { name, userId, time, chance, findNode } = this.#options
    const wire = new Wire({
      ...{ time, chance, findNode },
      id: `${name}-${++this.#connections}`,
      listener: {
        onEvent: (event, payload) => this.#hear(event, payload),
        onLost: () => {
          if (this.#live === wire) void this.#reconnect()
        },
        onNews: () => {},
        onRoundTrip: () => {},
      },
      onEnd: () => {},
    })
    this.#wire = wire
    try {
      await wire.connect(userId)
    } catch {
      wire.close()
      return this.#reconnect()
    }
    this.#live = wire
    if (this.#screen !== undefined) await this.#join(this.#screen)
  }

  async #reconnect(): Promise<void> {
    this.#live = undefined
    await this.#options.time.wait(RETRY_MS)
    if (!this.#isGone) await this.#connect()
  }

  /** Joins, and then loads: what is told from the joining on comes on top of the page. */
  async #join(screen: Screen): Promise<void> {
    const wire = this.#live
    const isStill = (): boolean => this.#screen === screen && this.#live === wire && !this.#isGone
    while (wire !== undefined && isStill()) {
      try {
        await wire.send('join-room', { roomId: screen.roomId })
        const items = await this.#load(screen.roomId)
        if (isStill()) screen.show(items)
        return
      } catch (error) {
        // Nobody's room: the screen stays empty.
        if (error instanceof RequestError && error.code === 'room_not_found') return
        await this.#options.time.wait(RETRY_MS)
      }
    }
  }

  async #load(roomId: RoomId): Promise<Message[]> {
    const { time, findNode } = this.#options
    const node = findNode()
    if (node === undefined) throw new Error('there is no server')
    const asked = listMessages(node.ctx, { userId: this.userId }, { roomId, limit: PAGE })
    // Of a node that was killed no answer comes.
    const page = await Promise.race([asked, time.wait(TIMEOUT_MS, undefined)])
    if (page === undefined) throw new Error('no answer came')
    return JSON.parse(JSON.stringify(page.items))
  }

  #hear(event: ServerEventName, payload: unknown): void {
    if (event === 'total-unread-count-updated') this.badge = payload as WireBadge
    else this.#screen?.hear(event, payload)
  }
}

/** One room as this app shows it: a page, and on top of it what was told since it joined, each in its turn. */
class Screen {
  readonly roomId: RoomId
  #page: readonly Message[] | undefined
  #heard: ((messages: Map<number, Message>) => void)[] = []

  constructor(roomId: RoomId) {
    this.roomId = roomId
  }

  show(page: readonly Message[]): void {
    this.#page = page
  }

  hear(event: ServerEventName, payload: unknown): void {
    const { roomId, room_id: ofRoom = roomId } = payload as { roomId?: RoomId; room_id?: RoomId }
    if (ofRoom !== this.roomId) return
    if (event === 'joined-room') this.#begin()
    const change = event in TOLD ? TOLD[event as keyof typeof TOLD](payload as never) : undefined
    if (change !== undefined) this.#heard.push(change)
  }

  /** What was told before the joining is of an earlier one. */
  #begin(): void {
    this.#page = undefined
    this.#heard = []
  }

  shown(): Message[] | undefined {
    if (this.#page === undefined) return undefined
    const messages = new Map<number, Message>(this.#page.map((message) => [message.seq, message]))
    for (const change of this.#heard) change(messages)
    return [...messages.values()].sort((one, other) => one.seq - other.seq)
  }
}

/** What each event does to what is shown. */
const TOLD = {
  'new-message': (told: WireMessage) => (messages: Map<number, Message>) => {
    messages.set(told.seq, registerOfWire(told).message)
  },
  'message-updated':
    ({ seq, message: text, edited_at: editedAt, reactions }: MessageUpdated) =>
    (messages: Map<number, Message>) => {
      const shown = messages.get(seq)
      if (shown === undefined) return
      messages.set(seq, {
        ...shown,
        // What is told last is what is there.
        deletedAt: undefined,
        ...(text === undefined ? {} : { text, editedAt }),
        ...(reactions === undefined ? {} : { reactions }),
      })
    },
  'message-deleted':
    ({ seq, deleted_at: deletedAt }: MessageDeleted) =>
    (messages: Map<number, Message>) => {
      const shown = messages.get(seq)
      if (shown !== undefined) messages.set(seq, { ...shown, text: '', reactions: [], deletedAt })
    },
}
