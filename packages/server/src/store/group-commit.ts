import { RequestError, type RoomId } from '@tally/protocol'
import { CommitLane, type LaneOptions, type Pending } from './commit-lane.ts'
import type { CommittedGroup, ReadOutcome, SendOutcome } from './committed-group.ts'
import type { ReadHeadItem, SendItem } from './group-items.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import type { Database } from './open-database.ts'

export type GroupCommitOptions = {
  /** Sends and reads of one transaction at most. */
  maxGroupSize: number
  /** Items accepted and not answered yet, at most; more are refused with `overloaded`. */
  maxQueued: number
  /**
   * Told once of every group that wrote something, before its items are answered; they wait for it, the next group
   * does not. It must not fail: what was committed stays committed.
   */
  onGroup?: (group: CommittedGroup) => void | Promise<void>
}

/**
 * So many items wait in every lane before the next lane is used. Few large groups cost less than many small ones: below
 * this the work of the second lane would be taken from whoever shares the machine with the database.
 */
const WAITING_PER_LANE = 64

/** Rooms that go alone at once: each may hold a connection for as long as it waits for its lock. */
const MAX_ROOMS_ALONE = 3

/** A room in its lane, and how much of it is not answered yet. */
type Placed = { readonly roomId: RoomId; readonly lane: CommitLane; unanswered: number }

/** About as long as a full queue takes to drain. */
const OVERLOADED_RETRY_MS = 1_000

/**
 * Natural batching: what comes while a commit is under way goes together in the next one, so a single message is
 * committed at once and a flood in groups of hundreds. One lane, whose groups follow each other, takes everything until so
 * much waits in it that a second one pays. A room stays in its lane for as long as something of it is under way: two
 * groups over disjoint rooms double the throughput, overlapping ones would only wait for each other.
 *
 * A room whose row, or a row of whose, somebody else holds leaves its group and goes alone until it has caught up.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #lanes: readonly CommitLane[]
  /** Rooms of which something is under way. */
  readonly #placed = new Map<RoomId, Placed>()
  readonly #alone = new Map<RoomId, CommitLane>()
  readonly #laneOptions: Omit<LaneOptions, 'wait' | 'onBusy' | 'onDrained'>
  readonly #limitAlone = limitConcurrency(MAX_ROOMS_ALONE)
  readonly #idleWaiters: (() => void)[] = []
  #unanswered = 0

  constructor(db: Database, options: GroupCommitOptions) {
    this.#options = options
    const { maxGroupSize, onGroup = () => {} } = options
    this.#laneOptions = { db, maxGroupSize, onGroup }
    this.#lanes = Array.from({ length: db.commitLanes }, () => this.#sharedLane())
  }

  /**
   * Commits a message. Answers after `onGroup`.
   * @throws RequestError `room_not_found`, `message_not_found` (of `replyTo`), `client_id_conflict`,
   * `message_malformed`, `overloaded`, `storage_unavailable`.
   */
  send(item: SendItem): Promise<SendOutcome> {
    return this.#accept<SendOutcome>((resolve, reject) => ({ kind: 'send', item, resolve, reject }))
  }

  /**
   * Reads everything there is in a room at the moment of the commit. What changes nothing writes nothing.
   * @throws RequestError `room_not_found`, `overloaded`, `storage_unavailable`.
   */
  readHead(item: ReadHeadItem): Promise<ReadOutcome> {
    return this.#accept<ReadOutcome>((resolve, reject) => ({ kind: 'read', item, resolve, reject }))
  }

  /** Resolves when everything that was accepted is answered. */
  idle(): Promise<void> {
    if (this.#unanswered === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  async #accept<T>(
    pendingOf: (resolve: (value: T) => void, reject: (error: unknown) => void) => Pending,
  ): Promise<T> {
    if (this.#unanswered >= this.#options.maxQueued) {
      throw new RequestError('overloaded', { retryAfterMs: OVERLOADED_RETRY_MS })
    }
    this.#unanswered += 1
    let placed: Placed | undefined
    try {
      return await new Promise<T>((resolve, reject) => {
        const pending = pendingOf(resolve, reject)
        placed = this.#place(pending.item.roomId)
        this.#laneOf(placed).push([pending])
      })
    } finally {
      if (placed !== undefined) this.#leave(placed)
      this.#unanswered -= 1
      if (this.#unanswered === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve()
    }
  }

  #place(roomId: RoomId): Placed {
    const placed = this.#placed.get(roomId) ?? { roomId, lane: this.#roomiestLane(), unanswered: 0 }
    if (placed.unanswered === 0) this.#placed.set(roomId, placed)
    placed.unanswered += 1
    return placed
  }

  #leave(placed: Placed): void {
    placed.unanswered -= 1
    if (placed.unanswered === 0) this.#placed.delete(placed.roomId)
  }

  #laneOf({ roomId, lane }: Placed): CommitLane {
    return this.#alone.get(roomId) ?? lane
  }

  /** The first one with room in it, or else the one in which the least waits. */
  #roomiestLane(): CommitLane {
    const [first, ...others] = this.#lanes
    if (first === undefined) throw new Error('a group commit without lanes')
    let roomiest = first
    for (const lane of others) {
      if (roomiest.waiting < WAITING_PER_LANE) break
      if (lane.waiting < roomiest.waiting) roomiest = lane
    }
    return roomiest
  }

  #sharedLane(): CommitLane {
    const lane: CommitLane = new CommitLane({
      ...this.#laneOptions,
      wait: false,
      onBusy: (busy) => {
        for (const [roomId, pending] of Map.groupBy(busy, ({ item }) => item.roomId)) {
          // With everything of this room that is still queued: a sender's messages must not overtake each other.
          this.#goAlone(roomId, [...pending, ...lane.takeOut(roomId)])
        }
      },
      onDrained: () => {},
    })
    return lane
  }

  #goAlone(roomId: RoomId, pending: readonly Pending[]): void {
    const lane = new CommitLane({
      ...this.#laneOptions,
      wait: true,
      limit: this.#limitAlone,
      onBusy: () => {
        throw new Error('a group that waits left something out')
      },
      onDrained: () => this.#alone.delete(roomId),
    })
    this.#alone.set(roomId, lane)
    lane.push(pending)
  }
}
