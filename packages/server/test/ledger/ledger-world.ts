import assert from 'node:assert/strict'
import type { UserId } from '@tally/protocol'
import type { LeaseChange, LedgerOutcome, LedgerStep, RoomUpdate } from '../../src/core/ledger-step.ts'
import type { LedgerRegister } from '../../src/core/registers.ts'
import { WARM_TAKEOVER_MS } from '../../src/core/warming.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { OpenRooms } from './open-rooms.ts'
import { type Sometimes, whatHappened } from './sometimes.ts'
import { Truth, type TruthEvents } from './truth.ts'
import { checkRev, looksTheSame, type ReadyView, roomsThatDiffer, sameNumbers } from './view-checks.ts'

export const LEASE_TTL_MS = 30_000

/** Ways to use a ledger wrongly, each of which must be noticed. */
export type Weakness = 'a snapshot read before the key exists' | 'a warming finished by another’s snapshot'

/** A warming under way, at any of its stages. */
type Warming = { readonly userId: UserId; warm: number | null; snapshot: LedgerRegister[] | null }

type Delivery = { readonly userId: UserId; readonly updates: readonly RoomUpdate[] }

/**
 * The truth, a ledger, and everything in flight between the two: events that wait, that were delivered and may come
 * again, warmings half done, leases. After every step that reaches a user's key it is looked at, and must make sense
 * by itself; at rest it must say what the messages say.
 */
export class LedgerWorld {
  readonly truth = new Truth()
  readonly users: readonly UserId[]
  readonly #ledger: Ledger
  readonly #weakness: Weakness | undefined
  readonly #happened: (what: Sometimes) => void
  readonly #advanceClock: (ms: number) => void
  readonly #open: OpenRooms
  readonly #waiting: Delivery[] = []
  readonly #delivered: Delivery[] = []
  readonly #warmings: Warming[] = []
  readonly #heldWarms = new Map<UserId, number>()
  /** As of the last look, and as of the last outcome. */
  readonly #seen = new Map<UserId, ReadyView>()
  readonly #told = new Map<UserId, ReadyView>()
  #lastWarm = 0

  constructor(options: {
    users: readonly UserId[]
    openLedger: (now: () => number) => Ledger
    weakness?: Weakness | undefined
    happened: (what: Sometimes) => void
  }) {
    let nowMs = 0
    this.users = options.users
    this.#weakness = options.weakness
    this.#happened = options.happened
    this.#advanceClock = (ms) => {
      nowMs += ms
    }
    this.#open = new OpenRooms(() => nowMs)
    this.#ledger = options.openLedger(() => nowMs)
  }

  /** A commit: its events are on their way. */
  commit(events: TruthEvents): void {
    for (const [userId, updates] of events) this.#waiting.push({ userId, updates })
  }

  /** Some of the waiting events arrive together, whichever. */
  async deliver(choice: number, count: number): Promise<void> {
    const arriving: Delivery[] = []
    for (let index = 0; index < count && this.#waiting.length > 0; index += 1) {
      arriving.push(...this.#waiting.splice(choice % this.#waiting.length, 1))
    }
    this.#delivered.push(...arriving)
    await this.#apply(arriving)
  }

  /** An event arrives again, however long ago it was. */
  async deliverAgain(choice: number): Promise<void> {
    const again = this.#delivered[choice % this.#delivered.length]
    if (again !== undefined) await this.#apply([again])
  }

  async lease(userId: UserId, change: LeaseChange): Promise<void> {
    const [outcome] = await this.#ledger.apply([{ userId, leases: [change] }])
    if (outcome?.state !== 'cold') this.#open.apply(userId, change)
    await this.#observe(outcome!)
  }

  /** Time passes; every key is looked at, so that leases lapse before anything else happens. */
  async advance(ms: number): Promise<void> {
    this.#advanceClock(ms)
    for (const userId of this.users) {
      const before = this.#seen.get(userId)
      const after = await this.#look(userId)
      if (before?.badge.rev !== after?.badge.rev) this.#happened('a lease lapsed and its room counted again')
    }
  }

  async drop(userId: UserId): Promise<void> {
    await this.#ledger.drop([userId])
    this.#forget(userId)
  }

  /** Takes a number and creates the key. */
  async beginWarm(userId: UserId, force: boolean): Promise<void> {
    const warming: Warming = { userId, warm: null, snapshot: null }
    if (this.#weakness === 'a snapshot read before the key exists')
      warming.snapshot = this.truth.snapshot(userId)
    else if (!(await this.#createKey(warming, force))) return
    this.#warmings.push(warming)
  }

  /** Reads the snapshot of a warming. */
  async readSnapshot(choice: number): Promise<void> {
    const warming = this.#warmings[choice % this.#warmings.length]
    if (warming === undefined) return
    if (warming.warm === null) await this.#createKey(warming, true)
    else warming.snapshot ??= this.truth.snapshot(warming.userId)
  }

  /** Merges the snapshot of a warming, as old as it may be by now; a warming may finish twice. */
  async finishWarm(choice: number, isOver: boolean): Promise<void> {
    const index = choice % this.#warmings.length
    const warming = this.#warmings[index]
    if (warming === undefined || warming.snapshot === null || warming.warm === null) return
    if (isOver) this.#warmings.splice(index, 1)
    await this.#finish(warming.userId, warming.warm, warming.snapshot)
  }

  /** Everything in flight arrives, and every key that is not ready is warmed. */
  async rest(): Promise<void> {
    while (this.#waiting.length > 0) await this.deliver(0, 1)
    await this.advance(WARM_TAKEOVER_MS)
    for (const userId of this.users) {
      if (this.#seen.has(userId)) continue
      const warm = this.#nextWarm()
      assert.deepEqual(await this.#ledger.beginWarm([{ userId, warm, force: true }]), ['begun'])
      this.#heldWarms.set(userId, warm)
      await this.#finish(userId, warm, this.truth.snapshot(userId))
    }
    await this.#compareWithTruth()
    await this.advance(LEASE_TTL_MS)
    await this.#compareWithTruth()
  }

  /** tally − settled = recount for every row; ledger = what follows from the recount for every user. */
  async #compareWithTruth(): Promise<void> {
    for (const { room, userId, member } of this.truth.rows()) {
      const recount = this.truth.recount(room.roomId, userId)
      assert.equal(room.tally - member.settled, recount, `tally − settled of ${userId} in ${room.roomId}`)
    }
    for (const userId of this.users) {
      const view = await this.#look(userId)
      assert(view !== undefined, `${userId} is ready`)
      const { badge, rooms } = view
      const expected = { total: 0, unreadRooms: 0, notifications: 0 }
      for (const { room, userId: memberId, member } of this.truth.rows()) {
        if (memberId !== userId) continue
        const held = rooms.find(({ roomId }) => roomId === room.roomId)
        const hidden = member.left || this.#open.isOpen(userId, room.roomId)
        const shown = hidden ? 0 : this.truth.recount(room.roomId, userId)
        const archived = member.archivedAtTally !== null && member.archivedAtTally >= room.tally
        assert.equal(held?.shown, shown, `${userId} in ${room.roomId}`)
        if (held.open && held.unread > 0) this.#happened('a history ended with a hidden room')
        if (!member.left) {
          const { muted } = member
          const { change } = room
          assert.deepEqual(
            { change: held.change, muted: held.muted, archived: held.archived },
            { change, muted, archived },
            `${userId} in ${room.roomId}`,
          )
        }
        if (room.kind === 'feed') expected.notifications += shown
        else if (!member.muted && !archived) {
          expected.total += shown
          expected.unreadRooms += shown > 0 ? 1 : 0
        }
      }
      const { total, unreadRooms, notifications } = badge
      if (total > 0 && notifications > 0) this.#happened('a history ended with a badge')
      assert.deepEqual({ total, unreadRooms, notifications }, expected, `the badge of ${userId}`)
    }
  }

  async #apply(deliveries: readonly Delivery[]): Promise<void> {
    const steps = new Map<UserId, LedgerStep>()
    for (const { userId, updates } of deliveries) {
      steps.set(userId, { userId, rooms: [...(steps.get(userId)?.rooms ?? []), ...updates] })
    }
    for (const outcome of await this.#ledger.apply([...steps.values()])) {
      this.#happened(whatHappened(outcome))
      await this.#observe(outcome)
    }
  }

  async #createKey(warming: Warming, force: boolean): Promise<boolean> {
    const { userId } = warming
    const warm = this.#nextWarm()
    const [answer] = await this.#ledger.beginWarm([{ userId, warm, force }])
    if (answer === 'busy') this.#happened('a warming was busy')
    if (answer !== 'begun') return false
    if (this.#seen.has(userId)) this.#happened('a ready key was warmed again')
    warming.warm = warm
    this.#heldWarms.set(userId, warm)
    return true
  }

  async #finish(userId: UserId, warm: number, registers: LedgerRegister[]): Promise<void> {
    const claimed =
      this.#weakness === 'a warming finished by another’s snapshot'
        ? (this.#heldWarms.get(userId) ?? warm)
        : warm
    const [outcome] = await this.#ledger.finishWarm([{ userId, warm: claimed, registers }])
    if (outcome?.state === 'warming')
      this.#happened('a warming was refused because another had taken its place')
    if (outcome?.state === 'ready' && outcome.rooms.length > 0) {
      this.#happened('a warming told rooms that changed meanwhile')
    }
    await this.#observe(outcome!)
  }

  /** An outcome must tell what changed since the one before it, and agree with what the key says now. */
  async #observe(outcome: LedgerOutcome): Promise<void> {
    const { userId } = outcome
    if (outcome.state === 'cold') return this.#forget(userId)
    const view = await this.#look(userId)
    if (outcome.state === 'warming' || view === undefined) return
    assert.equal(outcome.badge.rev, view.badge.rev, 'the outcome and the view are of one rev')
    const rows = new Map(view.rooms.map((room) => [room.roomId, room]))
    for (const room of outcome.rooms) {
      const row = rows.get(room.roomId)
      assert(row !== undefined && looksTheSame(room, row), 'the outcome tells the present')
    }
    assert(!outcome.missing.some((roomId) => rows.has(roomId)), 'a missing room is not held')
    const told = this.#told.get(userId)
    if (told !== undefined) {
      const named = new Set(outcome.rooms.map(({ roomId }) => roomId))
      const untold = [...roomsThatDiffer(told, view)].filter((roomId) => !named.has(roomId))
      assert.deepEqual(untold, [], 'the outcome tells every room that changed')
      assert.equal(
        outcome.badgeChanged,
        !sameNumbers(told, view),
        'the outcome tells whether the badge changed',
      )
    }
    this.#told.set(userId, view)
  }

  /** Looks at a key and checks everything that must hold at every moment. @returns its view, if it is ready. */
  async #look(userId: UserId): Promise<ReadyView | undefined> {
    const seen = this.#seen.get(userId)
    const rooms = [...this.truth.rooms.keys()]
    const [view] = await this.#ledger.read([{ userId, rooms, since: seen?.badge.rev ?? 0 }])
    if (view?.state !== 'ready') {
      this.#seen.delete(userId)
      return undefined
    }
    this.#checkSums(view)
    if (seen !== undefined) checkRev(seen, view)
    this.#seen.set(userId, view)
    return view
  }

  #checkSums({ userId, badge, rooms, opens }: ReadyView): void {
    const sums = { total: 0, unreadRooms: 0, notifications: 0 }
    for (const room of rooms) {
      assert(Number.isSafeInteger(room.shown) && room.shown >= 0, `shown is ${room.shown}`)
      assert.equal(room.open, this.#open.isOpen(userId, room.roomId), `${room.roomId} open`)
      assert.equal(room.open, opens.includes(room.roomId))
      assert.equal(room.shown, room.left || room.open ? 0 : room.unread)
      if (room.kind === 'feed') sums.notifications += room.shown
      else if (!room.muted && !room.archived) {
        sums.total += room.shown
        sums.unreadRooms += room.shown > 0 ? 1 : 0
      }
    }
    const { rev, ...numbers } = badge
    assert.deepEqual(numbers, sums, 'the badge is the sum of what is shown')
    assert(Number.isSafeInteger(rev))
  }

  #forget(userId: UserId): void {
    this.#seen.delete(userId)
    this.#told.delete(userId)
    this.#open.forget(userId)
  }

  #nextWarm(): number {
    this.#lastWarm += 1
    return this.#lastWarm
  }
}
