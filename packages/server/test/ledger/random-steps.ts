import type { RoomId, UserId } from '@tally/protocol'
import type { LeaseChange, LedgerStep, RoomUpdate } from '../../src/core/ledger-step.ts'
import type { LedgerQuery } from '../../src/core/ledger-view.ts'
import type { LedgerRegister, MemberPart } from '../../src/core/registers.ts'
import type { WarmBeginning, WarmSnapshot } from '../../src/core/warming.ts'

/** Ids of every shape that a room's may have: they are packed in more than one way. */
const ROOMS = [
  '0190f4b2-7c3a-7d11-9c55-0242ac120002',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '0190F4B2-7C3A-7D11-9C55-0242AC120002',
  '0190f4b2-7c3a-7d11-9c55 0242ac120002',
  'feed:한국어',
  'r',
  'fifteen letters',
  'x sixteen letter',
  'y seventeen chars',
] as RoomId[]
const FEED = ROOMS[4]

const DEVICES = ['phone', 'laptop', 'tablet']
const NODES = ['node-1', 'node-2']

/** What many users are asked to do at one moment, in this order. */
export type Round = {
  readonly drops: UserId[]
  readonly queries: LedgerQuery[]
  readonly beginnings: WarmBeginning[]
  readonly snapshots: WarmSnapshot[]
  readonly steps: LedgerStep[]
  readonly passesMs: number
}

type KnownUser = { readonly userId: UserId; readonly warms: number[]; revGuess: number }

/**
 * Random input for ledgers, the same for the same seed. Values are as bad as they can be: late, doubled and out of
 * order, halves of registers, warmings that take each other's place, leases of all kinds that lapse at any time.
 */
export class RandomSteps {
  readonly #random: () => number
  readonly #users: KnownUser[]
  #lastWarm = 0
  /** Values rise slowly with time, so that most steps are neither void nor always the newest. */
  #height = 4

  constructor({ seed, users }: { seed: number; users: number }) {
    this.#random = randomOf(seed)
    this.#users = Array.from({ length: users }, (_, index) => ({
      userId: `user ${index}` as UserId,
      warms: [],
      revGuess: 0,
    }))
  }

  nextRound(): Round {
    this.#height += this.#chance(0.5) ? 1 : 0
    const some = (share: number) => this.#users.filter(() => this.#chance(share))
    return {
      drops: some(0.004).map(({ userId }) => userId),
      beginnings: some(0.08).map((user) => this.#beginning(user)),
      snapshots: some(0.14).flatMap((user) => this.#snapshot(user)),
      // Some of them twice in one batch.
      steps: [...some(0.9), ...some(0.1)].map(({ userId }) => this.#step(userId)),
      queries: some(0.4).map((user) => this.#query(user)),
      passesMs: this.#chance(0.1) ? this.#below(8_000) : this.#below(1_500),
    }
  }

  /** The rev a user was last told: some of the queries ask what came after it. */
  heard(userId: UserId, rev: number): void {
    const user = this.#users.find((one) => one.userId === userId)
    if (user !== undefined) user.revGuess = rev
  }

  #beginning(user: KnownUser): WarmBeginning {
    const isRepeated = user.warms.length > 0 && this.#chance(0.15)
    this.#lastWarm += 1
    const warm = isRepeated ? this.#pick(user.warms) : this.#lastWarm
    user.warms.push(warm)
    if (user.warms.length > 3) user.warms.shift()
    return { userId: user.userId, warm, ...(this.#chance(0.4) ? { force: true } : {}) }
  }

  #snapshot({ userId, warms }: KnownUser): WarmSnapshot[] {
    if (warms.length === 0) return []
    const warm = this.#chance(0.8) ? (warms.at(-1) ?? 0) : this.#pick(warms)
    const registers = ROOMS.filter(() => this.#chance(0.7)).map((roomId): LedgerRegister => {
      return { roomId, tally: this.#number(), change: this.#number(), ...this.#member(roomId) }
    })
    const leases = Array.from({ length: this.#pick([0, 0, 1, 2]) }, () => this.#lease())
    return [{ userId, warm, registers, ...(leases.length > 0 ? { leases } : {}) }]
  }

  #step(userId: UserId): LedgerStep {
    const rooms = Array.from({ length: this.#pick([0, 1, 1, 1, 2, 3]) }, () => this.#update())
    const leases = Array.from({ length: this.#pick([0, 0, 0, 1, 1, 2]) }, () => this.#lease())
    return { userId, ...(rooms.length > 0 ? { rooms } : {}), ...(leases.length > 0 ? { leases } : {}) }
  }

  #update(): RoomUpdate {
    const roomId = this.#pick(ROOMS)
    return {
      roomId,
      ...(this.#chance(0.8) ? { tally: this.#number() } : {}),
      ...(this.#chance(0.8) ? { change: this.#number() } : {}),
      ...(this.#chance(0.4) ? { member: this.#member(roomId) } : {}),
    }
  }

  #member(roomId: RoomId): MemberPart {
    return {
      kind: roomId === FEED ? 'feed' : 'room',
      settled: this.#number(),
      version: this.#number(),
      flags: {
        left: this.#chance(0.15),
        muted: this.#chance(0.2),
        archivedAtTally: this.#chance(0.2) ? this.#number() : null,
      },
    }
  }

  #lease(): LeaseChange {
    const deviceId = this.#pick(DEVICES)
    const roomId = this.#pick(ROOMS)
    const ttlMs = 1 + this.#below(6_000)
    const readEpoch = this.#below(4)
    const changes: LeaseChange[] = [
      { kind: 'connect', deviceId, nodeId: this.#pick(NODES), ttlMs },
      { kind: 'disconnect', deviceId },
      { kind: 'open', deviceId, roomId, readEpoch, ttlMs },
      { kind: 'open', deviceId, roomId, readEpoch, ttlMs },
      { kind: 'open', deviceId, roomId, readEpoch, ttlMs },
      { kind: 'close', deviceId, roomId },
      { kind: 'close-older', roomId, beforeEpoch: 1 + readEpoch },
    ]
    return this.#pick(changes)
  }

  #query({ userId, revGuess }: KnownUser): LedgerQuery {
    const rooms = ROOMS.filter(() => this.#chance(0.8))
    const since = Math.max(0, revGuess - this.#pick([0, 1, 2, 3, 50]) + this.#pick([0, 0, 0, 1]))
    return { userId, rooms, ...(this.#chance(0.7) ? { since } : {}) }
  }

  /** Near the height most of the time, now and then far below; past 2^31 in one room of ten. */
  #number(): number {
    const number = Math.max(0, this.#height - this.#below(this.#chance(0.8) ? 5 : 60))
    return this.#chance(0.002) ? number + 2 ** 33 : number
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)]!
  }
}

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
