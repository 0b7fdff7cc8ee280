import { RequestError, type RoomId, type Seq, type UserId } from '@tally/protocol'
import type { PendingMessage } from '../../../client/src/pending-message.ts'
import { createTally, type Tally } from '../../../client/src/tally.ts'
import type { Chance } from '../scenarios/seeded.ts'
import type { Journal } from './journal.ts'
import { simulatedFetch } from './simulated-api.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { VirtualTime } from './virtual-time.ts'
import { Wire } from './wire.ts'

export type DeviceOptions = {
  readonly name: string
  readonly userId: UserId
  readonly time: VirtualTime
  readonly chance: Chance
  readonly journal: Journal
  /** How wrong its clock is. */
  readonly skewMs: number
  /** A node that is up, if there is one. */
  readonly findNode: () => SimulatedNode | undefined
}

/** One device: the real client, on a network of its own. */
export class SimulatedDevice {
  readonly name: string
  readonly userId: UserId
  readonly client: Tally
  /** Everything it was told to send. */
  readonly written: PendingMessage[] = []
  isVisible = true
  isGone = false
  readonly #options: DeviceOptions
  readonly #open = new Map<RoomId, () => void>()
  readonly #wires = new Set<Wire>()
  #isOffline = false
  #lastNode: SimulatedNode | undefined
  #connections = 0

  constructor(options: DeviceOptions) {
    const { name, userId, time, chance, skewMs } = options
    this.#options = options
    this.name = name
    this.userId = userId
    this.client = createTally({
      url: 'http://simulated',
      token: userId,
      random: () => chance.next(),
      nowMs: () => time.nowMs,
      wallClock: () => new Date(Date.UTC(2026, 0, 1) + time.nowMs + skewMs),
      fetch: simulatedFetch({ time, chance, userId, findNode: () => this.#findNode() }),
      provider: (listener) => {
        const id = `${name}-${++this.#connections}`
        const findNode = () => this.#connectTo(this.#findNode())
        const wire = new Wire({
          id,
          time,
          chance,
          listener,
          findNode,
          onEnd: (ended) => this.#wires.delete(ended),
        })
        this.#wires.add(wire)
        return wire
      },
    })
    this.client.start()
  }

  get openRooms(): RoomId[] {
    return [...this.#open.keys()]
  }

  toggle(roomId: RoomId): void {
    const close = this.#open.get(roomId)
    if (close === undefined) this.#open.set(roomId, this.client.room(roomId).open())
    else {
      close()
      this.#open.delete(roomId)
    }
  }

  closeAll(): void {
    for (const roomId of this.openRooms) this.toggle(roomId)
  }

  write(roomId: RoomId, text: string): void {
    this.written.push(this.client.room(roomId).send(text))
  }

  /** What is on the screen of a room. */
  shown(roomId: RoomId): Seq[] {
    const { items } = this.client.room(roomId).messages.get()
    return items.flatMap((item) => (item.state === 'sent' ? [item.seq] : []))
  }

  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible
    this.client.setVisible(isVisible)
  }

  cut(): void {
    for (const wire of [...this.#wires]) wire.cut()
  }

  setOffline(isOffline: boolean): void {
    this.#isOffline = isOffline
    if (isOffline) this.cut()
  }

  /** The device is gone, and neither it nor its network says so. */
  vanish(): void {
    this.isGone = true
    for (const wire of this.#wires) wire.vanish()
    void this.client.stop()
  }

  nodeDied(node: SimulatedNode): void {
    for (const wire of this.#wires) if (wire.node === node) wire.nodeDied()
  }

  #findNode(): SimulatedNode | undefined {
    return this.#isOffline ? undefined : this.#options.findNode()
  }

  #connectTo(node: SimulatedNode | undefined): SimulatedNode | undefined {
    if (node !== undefined && this.#lastNode !== undefined && node !== this.#lastNode) {
      this.#options.journal.happened('device came back to another node')
    }
    this.#lastNode = node ?? this.#lastNode
    return node
  }
}

/** A refusal is an outcome like any other: whoever asks for something impossible is told so. */
export function attempt(task: Promise<unknown>, journal: Journal): void {
  task.catch((error: unknown) => {
    if (!(error instanceof RequestError)) journal.bug(error)
  })
}
