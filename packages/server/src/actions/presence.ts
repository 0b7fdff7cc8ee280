import type { UserId } from '@tally/protocol'
import type { Bus } from '../bus/bus.ts'
import type { Frame } from '../bus/frames.ts'
import type { LocalDevices } from '../bus/local-devices.ts'
import type { NodeId } from '../core/ledger-step.ts'
import { PresenceBoard, type PresenceNews } from '../core/presence-board.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { SilentNodes } from './silent-nodes.ts'

export type PresenceOptions = {
  devices: LocalDevices
  bus: Bus
  /** Knows on which nodes somebody is connected. */
  ledger: Pick<Ledger, 'read'>
  /** The people who share a direct room with these: those who see whether they are here. */
  peersOf: (userIds: readonly UserId[]) => Promise<ReadonlyMap<UserId, readonly UserId[]>>
  /** Milliseconds since 1970: when somebody was seen. */
  now: () => number
  /** Monotonic milliseconds: how long a node has been silent. */
  nowMs: () => number
  onError: (error: unknown) => void
  /** How long somebody may be gone before the others are told: a reconnect within it is no news. */
  graceMs: number
}

/** Somebody came (`null`) or went (ms since 1970). */
type Move = {
  readonly goneSinceMs: number | null
  /** Another node may have been about to say that they are there: by now it would have. */
  readonly isSecondLook?: boolean
}
type PresenceFrame = Extract<Frame, { kind: 'presence' }>
type Nodes = ReadonlyMap<UserId, readonly NodeId[]>

/**
 * Who is here, on any node. A node tells all nodes when a person's first device comes to it, and some time after the
 * last one went if the ledger names no other node by then; each node tells its own devices and remembers it. Every device
 * that comes is told who of its peers is here. Several changes share one query, beside everything that a badge waits for.
 *
 * A node that falls silent is not believed any more once its leases must have lapsed: the ledger is asked anew about
 * those it brought.
 */
export class Presence {
  readonly #options: PresenceOptions
  readonly #board = new PresenceBoard({ maxPeople: MAX_REMEMBERED })
  /** People of whom this node said that they are here. */
  readonly #announced = new Set<UserId>()
  readonly #leaving = new Map<UserId, NodeJS.Timeout>()
  /** People who came or went. */
  readonly #moved = new Map<UserId, Move>()
  /** People with a new device, which knows of nobody yet. */
  readonly #asking = new Set<UserId>()
  /** Told since the last touch, which tells it again: a frame may get lost. */
  readonly #toldLately = new Map<UserId, PresenceFrame>()
  readonly #nodes: SilentNodes
  readonly #stopListening: () => void
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: PresenceOptions) {
    this.#options = options
    this.#nodes = new SilentNodes({
      nowMs: options.nowMs,
      broughtBy: (nodeId) => this.#board.broughtBy(nodeId),
      askAnew: (userIds, silentForMs) => this.#askAnew(userIds, silentForMs),
      isAway: (userId) => this.#board.of(userId)?.online === false,
    })
    this.#stopListening = options.bus.onFrames((frames) => {
      for (const frame of frames) {
        if (frame.kind === 'presence') this.#hear(frame)
        if (frame.kind !== 'node-alive' || frame.nodeId === options.bus.nodeId) continue
        // A node that leaves gave its leases back: its people have the usual time to come back elsewhere.
        this.#nodes.heard(frame.nodeId, frame.isLeaving ? options.graceMs : undefined)
        void this.#nodes.reconsider(frame.nodeId).catch(options.onError)
      }
    })
  }

  /** Whether another node may have somebody: not when nothing was heard of any, nor when they were last heard to go. */
  mayBeElsewhere(userId: UserId): boolean {
    return !this.#nodes.isAlone && this.#board.of(userId)?.online !== false
  }

  connected(userId: UserId): void {
    clearTimeout(this.#leaving.get(userId))
    this.#leaving.delete(userId)
    this.#moved.set(userId, { goneSinceMs: null })
    this.#asking.add(userId)
    this.#tellIn(ANNOUNCE_AFTER_MS)
  }

  disconnected(userId: UserId): void {
    const { devices, now } = this.#options
    if (this.#isClosed || devices.has(userId) || this.#leaving.has(userId)) return
    this.#lookAfterGrace(userId, { goneSinceMs: now() })
  }

  #lookAfterGrace(userId: UserId, move: Move): void {
    const timer = setTimeout(() => {
      this.#leaving.delete(userId)
      this.#moved.set(userId, move)
      this.#tellIn(ANNOUNCE_AFTER_MS)
    }, this.#options.graceMs)
    this.#leaving.set(userId, timer)
  }

  /** These two came to share a room: the devices of each, on every node, are told of the other. */
  async met(people: readonly UserId[]): Promise<void> {
    const { bus, devices } = this.#options
    const elsewhere = await this.#elsewhere(new Set(people), { all: true })
    for (const to of people) {
      const nodes = [...(devices.has(to) ? [bus.nodeId] : []), ...(elsewhere.get(to) ?? [])]
      for (const about of people.filter((userId) => userId !== to)) {
        const isOnline = this.#isHere(about) || elsewhere.has(about)
        const state = isOnline ? ONLINE : this.#board.of(about)
        if (state !== undefined) bus.send(nodes, [tellFrame(to, about, state)])
      }
    }
  }

  /**
   * Tells the other nodes that this one lives, repeats what it told since the last time, and looks after people whose
   * node is silent.
   */
  async touch(): Promise<void> {
    const { bus } = this.#options
    const again = [...this.#toldLately.values()].filter(
      ({ userId, online }) => this.#board.of(userId)?.online === online,
    )
    this.#toldLately.clear()
    bus.send('all', [{ kind: 'node-alive', nodeId: bus.nodeId, isLeaving: false }, ...again])
    await this.#nodes.lookAfter()
  }

  /** The node goes: others ask the ledger where its people are now. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const timer of this.#leaving.values()) clearTimeout(timer)
    this.#leaving.clear()
    this.#stopListening()
    const { bus } = this.#options
    bus.send('all', [{ kind: 'node-alive', nodeId: bus.nodeId, isLeaving: true }])
  }

  #tellIn(delayMs: number): void {
    if (this.#isClosed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#tell()
    }, delayMs)
  }

  async #tell(): Promise<void> {
    const { devices, onError } = this.#options
    const moved = new Map(this.#moved)
    const asking = [...this.#asking].filter((userId) => devices.has(userId))
    this.#moved.clear()
    this.#asking.clear()
    // Who went is always news, even when nobody heard that they were here: since when is new.
    for (const userId of moved.keys()) {
      if (this.#isHere(userId) && this.#announced.has(userId)) moved.delete(userId)
    }
    try {
      await this.#tellOf(moved, asking)
    } catch (error) {
      onError(error)
      for (const [userId, how] of moved) if (!this.#moved.has(userId)) this.#moved.set(userId, how)
      for (const userId of asking) this.#asking.add(userId)
      this.#tellIn(RETRY_AFTER_MS)
    }
  }

  async #tellOf(moved: ReadonlyMap<UserId, Move>, asking: readonly UserId[]): Promise<void> {
    if (moved.size === 0 && asking.length === 0) return
    const peers = await this.#options.peersOf([...new Set([...moved.keys(), ...asking])])
    const peersOf = (userId: UserId) => peers.get(userId) ?? NOBODY
    const asked = asking.flatMap((userId) => [...peersOf(userId)])
    const elsewhere = await this.#elsewhere(new Set([...moved.keys(), ...asked]))
    const { bus } = this.#options
    const frames: PresenceFrame[] = []
    for (const [userId, { goneSinceMs, isSecondLook = false }] of moved) {
      const isHere = this.#isHere(userId)
      if (isHere) this.#announced.add(userId)
      else this.#announced.delete(userId)
      if (!isHere && goneSinceMs === null) continue
      if (!isHere && elsewhere.has(userId)) {
        // Another node has them: it told so, and will tell when they go. One that they only poll never does.
        const willBeTold = this.#board.isElsewhere(userId, bus.nodeId)
        if (!willBeTold && !isSecondLook) this.#lookAfterGrace(userId, { goneSinceMs, isSecondLook: true })
        if (willBeTold || !isSecondLook) continue
      }
      frames.push(this.#frame(userId, isHere ? null : goneSinceMs, peersOf(userId)))
    }
    bus.send('all', frames)
    for (const frame of frames) this.#toldLately.set(frame.userId, frame)
    const toldNow = new Set(frames.flatMap(({ userId, peerIds }) => peerIds.map((id) => pair(id, userId))))
    const answers = asking.flatMap((userId) =>
      peersOf(userId).flatMap((about) => {
        const state = this.#stateOf(about, elsewhere)
        return state === undefined || toldNow.has(pair(userId, about))
          ? []
          : [tellFrame(userId, about, state)]
      }),
    )
    bus.send([bus.nodeId], answers)
  }

  /** Those of these people who are not here, or `all`, and the other nodes where the ledger knows them to be. */
  async #elsewhere(userIds: ReadonlySet<UserId>, { all = false } = {}): Promise<Nodes> {
    const { ledger, bus } = this.#options
    const asked = [...userIds].filter((userId) => all || !this.#isHere(userId))
    const views = asked.length === 0 ? [] : await ledger.read(asked.map((userId) => ({ userId })))
    const elsewhere = new Map<UserId, readonly NodeId[]>()
    for (const view of views) {
      if (view.state !== 'ready') continue
      const nodeIds = view.nodes.filter((nodeId) => nodeId !== bus.nodeId)
      if (nodeIds.length > 0) elsewhere.set(view.userId, nodeIds)
    }
    return elsewhere
  }

  /** Somebody who may be back in a moment has not gone yet, for whoever asks too. */
  #isHere(userId: UserId): boolean {
    return this.#options.devices.has(userId) || this.#leaving.has(userId)
  }

  /** What to answer about somebody; `undefined`: nothing is known, or it is about to be told to everybody. */
  #stateOf(userId: UserId, elsewhere: Nodes) {
    const known = this.#board.of(userId)
    // Whoever went and is said to be nowhere since may still ask another node for their badge.
    if (this.#announced.has(userId) || (known === undefined && elsewhere.has(userId))) return ONLINE
    return known?.online === false && this.#isHere(userId) ? undefined : known
  }

  #frame(userId: UserId, lastSeenAtMs: number | null, peerIds: readonly UserId[]): PresenceFrame {
    const { nodeId } = this.#options.bus
    return { kind: 'presence', userId, nodeId, online: lastSeenAtMs === null, lastSeenAtMs, peerIds }
  }

  /** Tells the devices that are here, unless they know it. */
  #hear(frame: PresenceFrame): void {
    const { bus, devices } = this.#options
    const { userId, nodeId, peerIds, online } = frame
    if (nodeId !== bus.nodeId) {
      this.#nodes.heard(nodeId)
      if (!online && devices.has(userId)) {
        // That node could not know: this one tells it again, to everybody.
        this.#announced.delete(userId)
        this.#moved.set(userId, { goneSinceMs: null })
        this.#tellIn(ANNOUNCE_AFTER_MS)
      }
    }
    if (!this.#board.hear(frame)) return
    const here = peerIds.filter((peerId) => devices.has(peerId))
    bus.send(
      [bus.nodeId],
      here.map((peerId) => tellFrame(peerId, userId, frame)),
    )
  }

  /** As `SilentNodes` wants it: by the ledger, and told to the devices of this node. */
  async #askAnew(userIds: readonly UserId[], silentForMs: number | null): Promise<UserId[]> {
    const { bus, peersOf, now } = this.#options
    const elsewhere = await this.#elsewhere(new Set(userIds))
    const turnedOut: { userId: UserId; lastSeenAtMs: number | null }[] = []
    for (const userId of userIds) {
      const isOnline = this.#isHere(userId) || elsewhere.has(userId)
      if (isOnline) this.#board.relocate(userId, elsewhere.get(userId) ?? [bus.nodeId])
      if (isOnline === this.#board.of(userId)?.online) continue
      if (isOnline) turnedOut.push({ userId, lastSeenAtMs: null })
      else if (silentForMs !== null) turnedOut.push({ userId, lastSeenAtMs: Math.round(now() - silentForMs) })
    }
    if (turnedOut.length === 0) return []
    const peers = await peersOf(turnedOut.map(({ userId }) => userId))
    bus.send(
      [bus.nodeId],
      turnedOut.map(({ userId, lastSeenAtMs }) =>
        this.#frame(userId, lastSeenAtMs, peers.get(userId) ?? NOBODY),
      ),
    )
    return turnedOut.filter(({ lastSeenAtMs }) => lastSeenAtMs !== null).map(({ userId }) => userId)
  }
}

function tellFrame(to: UserId, about: UserId, state: Pick<PresenceNews, 'online' | 'lastSeenAtMs'>): Frame {
  const { online, lastSeenAtMs } = state
  const lastSeenAt = lastSeenAtMs === null ? null : new Date(lastSeenAtMs).toISOString()
  return {
    kind: 'user-event',
    userId: to,
    event: 'presence',
    payload: { userId: about, online, lastSeenAt },
  }
}

function pair(to: UserId, about: UserId): string {
  return `${to}\n${about}`
}

const ONLINE = { online: true, lastSeenAtMs: null }
const NOBODY: readonly UserId[] = []
/** Changes within this time share a query. */
const ANNOUNCE_AFTER_MS = 100
const RETRY_AFTER_MS = 1_000
const MAX_REMEMBERED = 100_000
