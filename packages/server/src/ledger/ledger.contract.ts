import type { RoomId, UserId } from '@tally/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LeaseChange, LedgerOutcome, LedgerStep, ReadyOutcome, RoomUpdate } from '../core/ledger-step.ts'
import type { LedgerView } from '../core/ledger-view.ts'
import type { LedgerRegister, MemberFlags, MemberPart } from '../core/registers.ts'
import { REVS_PER_WARM } from '../core/user-entry.ts'
import { WARM_TAKEOVER_MS, type WarmAnswer } from '../core/warming.ts'
import type { Ledger } from './ledger.ts'

/** Opens an empty ledger that takes its time from `now`, in ms. */
export type OpenLedger = (now: () => number) => Promise<{ ledger: Ledger; close: () => Promise<void> }>

type ReadyView = Extract<LedgerView, { state: 'ready' }>

const ALICE = 'alice' as UserId
const BOB = 'bob' as UserId
const R1 = 'room-1' as RoomId
const R2 = 'room-2' as RoomId
const R3 = 'room-3' as RoomId
const FEED = 'feed:alice' as RoomId
const PHONE = 'phone'
const LAPTOP = 'laptop'
const NODE_1 = 'node-1'
const NODE_2 = 'node-2'
const TTL_MS = 30_000

/**
 * What every ledger promises, whatever it is made of. The number in a test's name is the rule's; the rules are those of
 * docs/BADGES.md.
 */
export function ledgerContract(name: string, open: OpenLedger): void {
  describe(`ledger contract: ${name}`, () => {
    let nowMs = 0
    let ledger: Ledger
    let close: () => Promise<void>
    let nextWarm = 1

    beforeEach(async () => {
      nowMs = 1_000_000
      nextWarm = 1
      ;({ ledger, close } = await open(() => nowMs))
    })
    afterEach(() => close())

    async function begin(userId: UserId, options: { force?: boolean } = {}): Promise<[WarmAnswer, number]> {
      const warm = nextWarm++
      const [answer] = await ledger.beginWarm([{ userId, warm, ...options }])
      return [answer!, warm]
    }
    async function finish(userId: UserId, warm: number, registers: LedgerRegister[]): Promise<LedgerOutcome> {
      const [outcome] = await ledger.finishWarm([{ userId, warm, registers }])
      return outcome!
    }
    async function warmed(userId: UserId, registers: LedgerRegister[]): Promise<number> {
      const [answer, warm] = await begin(userId)
      expect(answer).toBe('begun')
      expect(await finish(userId, warm, registers)).toMatchObject({ state: 'ready' })
      return warm
    }
    async function step(input: Omit<LedgerStep, 'userId'>, userId = ALICE): Promise<LedgerOutcome> {
      const [outcome] = await ledger.apply([{ userId, ...input }])
      return outcome!
    }
    async function merge(update: RoomUpdate, userId = ALICE): Promise<ReadyOutcome> {
      return ready(await step({ rooms: [update] }, userId))
    }
    async function lease(...leases: LeaseChange[]): Promise<ReadyOutcome> {
      return ready(await step({ leases }))
    }
    async function view(userId = ALICE, rooms = [R1, R2, R3, FEED], since?: number): Promise<ReadyView> {
      const [seen] = await ledger.read([{ userId, rooms, ...(since === undefined ? {} : { since }) }])
      expect(seen).toMatchObject({ state: 'ready' })
      return seen as ReadyView
    }
    async function stateOf(userId: UserId): Promise<string> {
      const [seen] = await ledger.read([{ userId }])
      return seen!.state
    }

    describe('cold, warming, ready', () => {
      test('[L1] a user without a key is cold: events and leases skip it and leave nothing behind', async () => {
        expect(await step({ rooms: [{ roomId: R1, tally: 7 }], leases: [opened(PHONE, R1)] })).toEqual({
          userId: ALICE,
          state: 'cold',
        })
        expect(await ledger.read([{ userId: ALICE, rooms: [R1], since: 0 }])).toEqual([
          { userId: ALICE, state: 'cold' },
        ])
        await warmed(ALICE, [register(R1, { tally: 2, settled: 0 })])
        expect(await view()).toMatchObject({ badge: { total: 2 }, opens: [] })
      })

      test('[L2] a warming key merges and keeps leases, but answers no number before it is ready', async () => {
        const [, warm] = await begin(ALICE)
        expect(await step({ rooms: [{ roomId: R1, tally: 5 }] })).toEqual({ userId: ALICE, state: 'warming' })
        expect(await step({ leases: [connected(PHONE, NODE_1), opened(PHONE, R2)] })).toEqual({
          userId: ALICE,
          state: 'warming',
        })
        expect(await ledger.read([{ userId: ALICE, rooms: [R1] }])).toEqual([
          { userId: ALICE, state: 'warming' },
        ])
        const snapshot = [register(R1, { tally: 3, settled: 1 }), register(R2, { tally: 4, settled: 0 })]
        const outcome = ready(await finish(ALICE, warm, snapshot))
        expect(outcome.badge).toMatchObject({ total: 4, unreadRooms: 1 })
        expect(outcome.nodes).toEqual([NODE_1])
        expect(await view()).toMatchObject({ opens: [R2] })
      })

      test('[L3] only the warm whose number the key holds may finish', async () => {
        const [, lost] = await begin(ALICE)
        nowMs += WARM_TAKEOVER_MS
        const [answer, warm] = await begin(ALICE)
        expect(answer).toBe('begun')
        expect(await finish(ALICE, lost, [register(R1, { tally: 9, settled: 0 })])).toEqual({
          userId: ALICE,
          state: 'warming',
        })
        const outcome = ready(await finish(ALICE, warm, [register(R1, { tally: 2, settled: 0 })]))
        expect(outcome.badge.total).toBe(2)
        const late = ready(await finish(ALICE, lost, [register(R1, { tally: 9, settled: 0 })]))
        expect(late).toMatchObject({ badge: { total: 2 }, badgeChanged: false, rooms: [] })
      })

      test('[L3] a snapshot for a key that is gone does not bring it back', async () => {
        const [, warm] = await begin(ALICE)
        await ledger.drop([ALICE])
        expect(await finish(ALICE, warm, [])).toEqual({ userId: ALICE, state: 'cold' })
        expect(await stateOf(ALICE)).toBe('cold')
      })

      test('[L4] a second warming is busy for 5 s, then it takes over', async () => {
        await begin(ALICE)
        nowMs += WARM_TAKEOVER_MS - 1
        expect((await begin(ALICE))[0]).toBe('busy')
        expect((await begin(ALICE, { force: true }))[0]).toBe('busy')
        nowMs += 1
        expect((await begin(ALICE))[0]).toBe('begun')
        expect((await begin(ALICE))[0]).toBe('busy')
      })

      test('[L4] a ready key is warmed again only by force', async () => {
        await warmed(ALICE, [])
        nowMs += WARM_TAKEOVER_MS
        expect((await begin(ALICE))[0]).toBe('ready')
        expect((await begin(ALICE, { force: true }))[0]).toBe('begun')
        expect(await stateOf(ALICE)).toBe('warming')
      })

      test('[L4] a lower warm number never replaces a higher one, so rev cannot fall', async () => {
        await ledger.beginWarm([{ userId: ALICE, warm: 7 }])
        nowMs += WARM_TAKEOVER_MS
        expect(await ledger.beginWarm([{ userId: ALICE, warm: 6 }])).toEqual(['busy'])
        await finish(ALICE, 7, [])
        expect(await ledger.beginWarm([{ userId: ALICE, warm: 6, force: true }])).toEqual(['busy'])
        expect((await view()).badge.rev).toBe(7 * REVS_PER_WARM)
      })

      test('[L4] a beginning whose answer was lost may be repeated with the same number', async () => {
        await ledger.beginWarm([{ userId: ALICE, warm: 3 }])
        await step({ rooms: [{ roomId: R1, tally: 4 }] })
        expect(await ledger.beginWarm([{ userId: ALICE, warm: 3 }])).toEqual(['begun'])
        await finish(ALICE, 3, [register(R1, { tally: 3, settled: 3 })])
        expect(await ledger.beginWarm([{ userId: ALICE, warm: 3, force: true }])).toEqual(['ready'])
        expect((await view()).badge.total).toBe(1)
      })

      test('[L5] warming again corrects a register that was too high, and keeps the leases', async () => {
        await warmed(ALICE, [register(R1, { tally: 9, settled: 0 }), register(R2, { tally: 3, settled: 0 })])
        await lease(connected(PHONE, NODE_1), opened(PHONE, R2))
        const [, warm] = await begin(ALICE, { force: true })
        const snapshot = [register(R1, { tally: 5, settled: 0 }), register(R2, { tally: 3, settled: 0 })]
        const outcome = ready(await finish(ALICE, warm, snapshot))
        expect(outcome).toMatchObject({
          badge: { total: 5, unreadRooms: 1 },
          badgeChanged: true,
          nodes: [NODE_1],
        })
        expect(await view()).toMatchObject({ opens: [R2] })
      })

      test('[L5] warming again tells exactly the rooms that devices may still show as before', async () => {
        await warmed(ALICE, [register(R1, { tally: 1, settled: 0 }), register(R2, { tally: 1, settled: 0 })])
        const [, warm] = await begin(ALICE, { force: true })
        const snapshot = [
          register(R1, { tally: 1, settled: 0 }),
          register(R2, { tally: 2, settled: 0 }),
          register(R3, { tally: 4, settled: 0 }),
        ]
        const outcome = ready(await finish(ALICE, warm, snapshot))
        expect(shownByRoom(outcome.rooms)).toEqual({ [R2]: 2, [R3]: 4 })
      })

      test('[L5] a room that the database lost goes from the badge and is told as left', async () => {
        await warmed(ALICE, [register(R1, { tally: 1, settled: 0 }), register(R2, { tally: 1, settled: 0 })])
        const [, warm] = await begin(ALICE, { force: true })
        const outcome = ready(await finish(ALICE, warm, [register(R1, { tally: 1, settled: 0 })]))
        expect(outcome.badge).toMatchObject({ total: 1, unreadRooms: 1 })
        expect(outcome.rooms).toMatchObject([{ roomId: R2, shown: 0, left: true }])
        expect((await view()).rooms.map(({ roomId }) => roomId)).toEqual([R1])
      })

      test('[L5] a first warming tells the rooms that events named meanwhile, and always the badge', async () => {
        const [, warm] = await begin(ALICE)
        await step({ rooms: [{ roomId: R1, tally: 2, change: 2 }] })
        const snapshot = [register(R1, { tally: 1, settled: 0 }), register(R2, { tally: 1, settled: 0 })]
        const outcome = ready(await finish(ALICE, warm, snapshot))
        expect(outcome).toMatchObject({ badge: { total: 3 }, badgeChanged: true })
        expect(shownByRoom(outcome.rooms)).toEqual({ [R1]: 2 })
      })

      test('[L6] dropped keys are cold, and nothing of them comes back', async () => {
        await warmed(ALICE, [register(R1, { tally: 9, settled: 0 })])
        await warmed(BOB, [register(R1, { tally: 9, settled: 0 })])
        await lease(opened(PHONE, R1))
        await ledger.drop([ALICE])
        expect([await stateOf(ALICE), await stateOf(BOB)]).toEqual(['cold', 'ready'])
        await ledger.drop('all')
        expect(await stateOf(BOB)).toBe('cold')
        await warmed(ALICE, [register(R1, { tally: 1, settled: 0 })])
        expect(await view()).toMatchObject({ badge: { total: 1 }, opens: [] })
      })
    })

    describe('merging', () => {
      test('[L7] tally and change merge by max: late, twice, in any order', async () => {
        await warmed(ALICE, [register(R1, { tally: 0, settled: 0, change: 0 })])
        for (const tally of [2, 1, 3, 3, 2]) await merge({ roomId: R1, tally, change: tally + 10 })
        expect((await view()).rooms).toMatchObject([{ shown: 3, change: 13 }])
      })

      test('[L8] settled and flags merge together, by the higher version', async () => {
        await warmed(ALICE, [register(R1, { tally: 10, settled: 0, version: 1 })])
        await merge({ roomId: R1, member: member({ settled: 10, version: 4 }) })
        // A mark-unread lowers settled: a higher settled does not win, the version does.
        await merge({ roomId: R1, member: member({ settled: 6, version: 5, muted: true }) })
        await merge({ roomId: R1, member: member({ settled: 10, version: 4 }) })
        await merge({ roomId: R1, member: member({ settled: 1, version: 2 }) })
        expect((await view()).rooms).toMatchObject([{ shown: 4, muted: true }])
      })

      test('[L9] a late event cannot bring a room back', async () => {
        await warmed(ALICE, [register(R1, { tally: 4, settled: 1, version: 7 })])
        const gone = await merge({
          roomId: R1,
          tally: 4,
          member: member({ settled: 1, version: 8, left: true }),
        })
        expect(gone).toMatchObject({
          badge: { total: 0, unreadRooms: 0 },
          rooms: [{ roomId: R1, shown: 0, left: true }],
        })
        const late = await merge({
          roomId: R1,
          tally: 6,
          change: 9,
          member: member({ settled: 1, version: 6 }),
        })
        expect(late).toMatchObject({ badge: { total: 0 }, badgeChanged: false, rooms: [] })
        const again = await merge({ roomId: R1, tally: 6, member: member({ settled: 6, version: 9 }) })
        expect(again).toMatchObject({ badge: { total: 0 }, rooms: [{ roomId: R1, shown: 0, left: false }] })
        expect((await merge({ roomId: R1, tally: 7 })).badge.total).toBe(1)
      })

      test('[L10] a snapshot and events give the same, whichever comes first', async () => {
        const snapshot = [register(R1, { tally: 5, settled: 2, version: 3, change: 5 })]
        const events: RoomUpdate[] = [
          { roomId: R1, tally: 4, change: 4 },
          { roomId: R1, tally: 6, change: 6 },
          { roomId: R1, tally: 5, member: member({ settled: 0, version: 2 }) },
          { roomId: R1, tally: 6, member: member({ settled: 3, version: 4 }) },
        ]
        for (let before = 0; before <= events.length; before++) {
          const [, warm] = await begin(ALICE)
          for (const event of events.slice(0, before)) await step({ rooms: [event] })
          await finish(ALICE, warm, snapshot)
          for (const event of events.slice(before)) await merge(event)
          await finish(ALICE, warm, snapshot)
          expect(await view()).toMatchObject({ badge: { total: 3 }, rooms: [{ shown: 3, change: 6 }] })
          await ledger.drop('all')
        }
      })

      test('[L11] a tally of a room the key does not hold is missing, shows nothing, and is kept', async () => {
        await warmed(ALICE, [register(R1, { tally: 1, settled: 0 })])
        const unknown = await merge({ roomId: R2, tally: 3, change: 3 })
        expect(unknown).toMatchObject({ badge: { total: 1 }, badgeChanged: false, rooms: [], missing: [R2] })
        expect((await merge({ roomId: R2, tally: 4 })).missing).toEqual([R2])
        expect((await view()).rooms.map(({ roomId }) => roomId)).toEqual([R1])
        const known = await merge({ roomId: R2, tally: 2, member: member({ settled: 1, version: 1 }) })
        expect(known).toMatchObject({ badge: { total: 4 }, rooms: [{ roomId: R2, shown: 3 }], missing: [] })
      })

      test('[L11] a member part without a tally is missing, too, and shows nothing', async () => {
        await warmed(ALICE, [])
        const half = await merge({ roomId: R1, member: member({ settled: 2, version: 2 }) })
        expect(half).toMatchObject({ badge: { total: 0 }, rooms: [], missing: [R1] })
        expect(await merge({ roomId: R1, tally: 5 })).toMatchObject({ badge: { total: 3 }, missing: [] })
      })

      test('[L11] the warming that a missing room asked for tells that room', async () => {
        await warmed(ALICE, [])
        await merge({ roomId: R1, tally: 1, change: 2 })
        const [, warm] = await begin(ALICE, { force: true })
        const outcome = ready(await finish(ALICE, warm, [register(R1, { tally: 1, settled: 0, change: 2 })]))
        expect(outcome).toMatchObject({ badge: { total: 1 }, badgeChanged: true, missing: [] })
        expect(shownByRoom(outcome.rooms)).toEqual({ [R1]: 1 })
      })

      test('[L11] a snapshot older than the join leaves the room missing', async () => {
        const [, warm] = await begin(ALICE)
        await step({ rooms: [{ roomId: R1, tally: 1 }] })
        expect(ready(await finish(ALICE, warm, [])).missing).toEqual([R1])
      })

      test('[L12] a member part that travels ahead of its tally never makes a number negative', async () => {
        await warmed(ALICE, [register(R1, { tally: 2, settled: 0 }), register(R2, { tally: 1, settled: 0 })])
        const early = await merge({ roomId: R1, member: member({ settled: 5, version: 9 }) })
        expect(early).toMatchObject({
          badge: { total: 1, unreadRooms: 1 },
          rooms: [{ roomId: R1, shown: 0 }],
        })
        expect(await merge({ roomId: R1, tally: 6 })).toMatchObject({ badge: { total: 2, unreadRooms: 2 } })
      })
    })

    describe('what is shown', () => {
      test('[L13] the total is the sum over rooms neither muted nor archived, and each room keeps its own number', async () => {
        await warmed(ALICE, [
          register(R1, { tally: 3, settled: 1 }),
          register(R2, { tally: 5, settled: 0, muted: true }),
          register(R3, { tally: 4, settled: 0, archivedAtTally: 4 }),
        ])
        const seen = await view()
        expect(seen.badge).toMatchObject({ total: 2, unreadRooms: 1, notifications: 0 })
        expect(shownByRoom(seen.rooms)).toEqual({ [R1]: 2, [R2]: 5, [R3]: 4 })
        const unmuted = await merge({ roomId: R2, tally: 6, member: member({ settled: 0, version: 2 }) })
        expect(unmuted).toMatchObject({ badge: { total: 8, unreadRooms: 2 }, badgeChanged: true })
      })

      test('[L14] archived means archivedAtTally ≥ tally: a new message un-archives by itself', async () => {
        await warmed(ALICE, [register(R1, { tally: 3, settled: 1 })])
        const archive = {
          roomId: R1,
          tally: 3,
          member: member({ settled: 1, version: 2, archivedAtTally: 3 }),
        }
        expect(await merge(archive)).toMatchObject({
          badge: { total: 0, unreadRooms: 0 },
          rooms: [{ archived: true, shown: 2 }],
        })
        expect((await merge({ roomId: R1, change: 9 })).rooms).toMatchObject([{ archived: true }])
        const message = await merge({ roomId: R1, tally: 4, change: 10 })
        expect(message).toMatchObject({
          badge: { total: 3, unreadRooms: 1 },
          rooms: [{ archived: false, shown: 3 }],
        })
        expect((await merge(archive)).rooms).toEqual([])
      })

      test('[L15] the feed counts in notifications only', async () => {
        await warmed(ALICE, [
          register(R1, { tally: 1, settled: 0 }),
          register(FEED, { kind: 'feed', tally: 4, settled: 1 }),
        ])
        expect((await view()).badge).toMatchObject({ total: 1, unreadRooms: 1, notifications: 3 })
        const notified = await merge({ roomId: FEED, tally: 5, change: 6 })
        expect(notified).toMatchObject({
          badge: { total: 1, unreadRooms: 1, notifications: 4 },
          badgeChanged: true,
        })
        expect(notified.rooms).toMatchObject([{ roomId: FEED, kind: 'feed', shown: 4 }])
      })

      test('[L16] ids of every shape come back as they went in', async () => {
        const ids = [
          '0190f4b2-7c3a-7d11-9c55-0242ac120002',
          '0190F4B2-7C3A-7D11-9C55-0242AC120002',
          '0190f4b2-7c3a-7d11-9c55-0242ac12000g',
          'room of 16 chars',
          'room of fifteen',
          '방 🙂 "quoted"',
          'x',
        ] as RoomId[]
        await warmed(ALICE, [])
        const registers = ids.map((roomId) => register(roomId, { tally: 1, settled: 0, change: 1 }))
        const told = ready(
          await step({
            rooms: registers.map((one) => ({ ...one, member: one })),
            leases: [opened(PHONE, ids[5]!)],
          }),
        )
        expect(told.rooms.map(({ roomId }) => roomId)).toEqual(ids.toReversed())
        expect((await view(ALICE, ids)).rooms.map(({ roomId }) => roomId)).toEqual(ids)
        expect((await view()).opens).toEqual([ids[5]])
      })

      test('[L16] a view tells what is behind a number', async () => {
        await warmed(ALICE, [register(R1, { tally: 5, settled: 2, change: 8 })])
        await lease(opened(PHONE, R1))
        expect((await view(ALICE, [R2, R1])).rooms).toEqual([
          {
            roomId: R1,
            kind: 'room',
            shown: 0,
            unread: 3,
            open: true,
            change: 8,
            muted: false,
            archived: false,
            left: false,
          },
        ])
      })
    })

    describe('rev', () => {
      test('[L17] rev and counters are exact as far as JavaScript is', async () => {
        const warm = 2 ** 33 - 1
        await ledger.beginWarm([{ userId: ALICE, warm }])
        const [tally, change] = [2 ** 40 + 1, 2 ** 41 + 1]
        await finish(ALICE, warm, [register(R1, { tally, change, settled: 2 ** 39, version: 2 ** 35 })])
        const outcome = await merge({ roomId: R1, change: change + 2 })
        expect(outcome.badge).toMatchObject({ total: 2 ** 39 + 1, rev: warm * REVS_PER_WARM + 1 })
        expect(outcome.rooms).toMatchObject([{ shown: 2 ** 39 + 1, change: change + 2 }])
      })

      test('[L17] rev is warm · 2^20 + n, and n rises by one with every step that changes something visible', async () => {
        const warm = await warmed(ALICE, [register(R1, { tally: 1, settled: 0, change: 1 })])
        const base = warm * REVS_PER_WARM
        expect((await view()).badge.rev).toBe(base)
        expect((await merge({ roomId: R1, tally: 2, change: 2 })).badge.rev).toBe(base + 1)
        const both = ready(
          await step({
            rooms: [
              { roomId: R1, tally: 3 },
              { roomId: R1, tally: 3, member: member({ settled: 3, version: 2 }) },
            ],
          }),
        )
        expect(both).toMatchObject({ badge: { rev: base + 2, total: 0 }, rooms: [{ roomId: R1, shown: 0 }] })
      })

      test('[L17] an edit is visible without moving the badge', async () => {
        const warm = await warmed(ALICE, [register(R1, { tally: 1, settled: 0, change: 1 })])
        const edited = await merge({ roomId: R1, tally: 1, change: 2 })
        expect(edited).toMatchObject({ badgeChanged: false, rooms: [{ roomId: R1, change: 2 }] })
        expect(edited.badge.rev).toBe(warm * REVS_PER_WARM + 1)
      })

      test('[L17] what changes nothing visible leaves rev as it is', async () => {
        const warm = await warmed(ALICE, [register(R1, { tally: 2, settled: 1, version: 3, change: 5 })])
        const silent: Omit<LedgerStep, 'userId'>[] = [
          { rooms: [{ roomId: R1, tally: 2, change: 5 }] },
          { rooms: [{ roomId: R1, tally: 1, change: 4, member: member({ settled: 0, version: 2 }) }] },
          { rooms: [{ roomId: R1, member: member({ settled: 1, version: 4 }) }] },
          { leases: [connected(PHONE, NODE_1)] },
          { leases: [opened(PHONE, R1), { kind: 'close', deviceId: PHONE, roomId: R1 }] },
          { leases: [{ kind: 'disconnect', deviceId: PHONE }] },
          {},
        ]
        for (const one of silent) {
          expect(ready(await step(one))).toMatchObject({
            badge: { rev: warm * REVS_PER_WARM },
            badgeChanged: false,
            rooms: [],
          })
        }
      })

      test('[L17] a later warm has a higher rev, whatever n was', async () => {
        await warmed(ALICE, [register(R1, { tally: 0, settled: 0 })])
        for (let tally = 1; tally <= 5; tally++) await merge({ roomId: R1, tally, change: tally })
        const before = (await view()).badge.rev
        const [, warm] = await begin(ALICE, { force: true })
        const outcome = ready(await finish(ALICE, warm, [register(R1, { tally: 5, settled: 0 })]))
        expect(outcome).toMatchObject({ badge: { total: 5 }, badgeChanged: false, rooms: [] })
        expect(outcome.badge.rev).toBeGreaterThan(before)
      })

      test('[L18] changed since a rev: the rooms after it, latest first, left ones included', async () => {
        const registers = [R1, R2, R3].map((roomId) => register(roomId, { tally: 0, settled: 0, version: 1 }))
        await warmed(ALICE, registers)
        const { rev } = (await view()).badge
        await merge({ roomId: R1, tally: 1 })
        await merge({ roomId: R2, tally: 1, member: member({ settled: 0, version: 2, left: true }) })
        await merge({ roomId: R1, tally: 2 })
        expect(await changedSince(rev)).toEqual([R1, R2])
        expect(await changedSince(rev + 1)).toEqual([R1, R2])
        expect(await changedSince(rev + 2)).toEqual([R1])
        expect(await changedSince(rev + 3)).toEqual([])
        expect((await view(ALICE, [], rev)).changedSince).toMatchObject([{ shown: 2 }, { left: true }])
      })

      test('[L18] nobody can continue from a rev of another warm, from one above, or from none', async () => {
        await warmed(ALICE, [register(R1, { tally: 0, settled: 0 })])
        const older = (await view()).badge.rev
        const [, warm] = await begin(ALICE, { force: true })
        await finish(ALICE, warm, [register(R1, { tally: 0, settled: 0 })])
        const { rev } = (await view()).badge
        for (const since of [older, rev - 1, rev + 1, 0, undefined]) {
          expect(await changedSince(since)).toBe('unknown')
        }
      })

      async function changedSince(since: number | undefined): Promise<RoomId[] | 'unknown'> {
        const { changedSince: changed } = await view(ALICE, [], since)
        return changed === 'unknown' ? changed : changed.map(({ roomId }) => roomId)
      }
    })

    describe('leases', () => {
      test('[L19] a room that a device has open shows nothing, messages included, and counts again when closed', async () => {
        await warmed(ALICE, [register(R1, { tally: 2, settled: 0 }), register(R2, { tally: 1, settled: 0 })])
        const open = await lease(opened(PHONE, R1))
        expect(open).toMatchObject({ badge: { total: 1, unreadRooms: 1 }, badgeChanged: true })
        expect(open.rooms).toMatchObject([{ roomId: R1, shown: 0 }])
        expect(await merge({ roomId: R1, tally: 3, change: 3 })).toMatchObject({
          badge: { total: 1 },
          badgeChanged: false,
          rooms: [{ roomId: R1, shown: 0, change: 3 }],
        })
        const closed = await lease({ kind: 'close', deviceId: PHONE, roomId: R1 })
        expect(closed).toMatchObject({
          badge: { total: 4, unreadRooms: 2 },
          rooms: [{ roomId: R1, shown: 3 }],
        })
      })

      test('[L19] open on two devices it stays open until both closed it', async () => {
        await warmed(ALICE, [register(R1, { tally: 2, settled: 0 })])
        await lease(opened(PHONE, R1), opened(LAPTOP, R1), opened(LAPTOP, R1))
        expect((await lease({ kind: 'close', deviceId: LAPTOP, roomId: R1 })).badge.total).toBe(0)
        expect((await lease({ kind: 'close', deviceId: LAPTOP, roomId: R1 })).badge.total).toBe(0)
        expect((await lease({ kind: 'close', deviceId: PHONE, roomId: R1 })).badge.total).toBe(2)
      })

      test('[L20] a lease that was not put again lapses in the next step, without any event', async () => {
        await warmed(ALICE, [register(R1, { tally: 2, settled: 0 })])
        await lease(connected(PHONE, NODE_1), opened(PHONE, R1))
        const { rev } = (await view()).badge
        nowMs += TTL_MS - 1
        expect(ready(await step({}))).toMatchObject({ badge: { total: 0, rev }, nodes: [NODE_1] })
        nowMs += 1
        const lapsed = ready(await step({}))
        expect(lapsed).toMatchObject({ badge: { total: 2, rev: rev + 1 }, badgeChanged: true, nodes: [] })
        expect(lapsed.rooms).toMatchObject([{ roomId: R1, shown: 2 }])
      })

      test('[L20] a lease lapses in a read, too', async () => {
        await warmed(ALICE, [register(R1, { tally: 2, settled: 0 })])
        await lease(connected(PHONE, NODE_1), opened(PHONE, R1))
        const { rev } = (await view()).badge
        nowMs += TTL_MS
        expect(await view(ALICE, [R1], rev)).toMatchObject({
          badge: { total: 2, rev: rev + 1 },
          rooms: [{ shown: 2, open: false }],
          changedSince: [{ roomId: R1, shown: 2 }],
          opens: [],
          nodes: [],
        })
      })

      test('[L20] what lapsed in a read is told by the next outcome, because a read tells nobody', async () => {
        await warmed(ALICE, [register(R1, { tally: 2, settled: 0 }), register(R2, { tally: 1, settled: 1 })])
        await lease(opened(PHONE, R1))
        nowMs += TTL_MS
        await view()
        const next = await merge({ roomId: R2, tally: 2, change: 2 })
        expect(next).toMatchObject({ badge: { total: 3 }, badgeChanged: true })
        expect(shownByRoom(next.rooms)).toEqual({ [R1]: 2, [R2]: 1 })
        expect(ready(await step({}))).toMatchObject({ badgeChanged: false, rooms: [] })
      })

      test('[L20] what lapsed in a read is told by the warming that came before any other outcome', async () => {
        const registers = [register(R1, { tally: 2, settled: 0 })]
        await warmed(ALICE, registers)
        await lease(opened(PHONE, R1))
        nowMs += TTL_MS
        await view()
        const [, warm] = await begin(ALICE, { force: true })
        const outcome = ready(await finish(ALICE, warm, registers))
        expect(outcome).toMatchObject({ badge: { total: 2 }, badgeChanged: true })
        expect(shownByRoom(outcome.rooms)).toEqual({ [R1]: 2 })
      })

      test('[L20] putting a lease again prolongs it; one device does not prolong the other', async () => {
        await warmed(ALICE, [register(R1, { tally: 2, settled: 0 }), register(R2, { tally: 1, settled: 0 })])
        await lease(opened(PHONE, R1), opened(LAPTOP, R2))
        nowMs += TTL_MS / 2
        await lease(opened(PHONE, R1))
        nowMs += TTL_MS / 2
        expect(await view()).toMatchObject({ badge: { total: 1 }, opens: [R1] })
        nowMs += TTL_MS / 2
        expect(await view()).toMatchObject({ badge: { total: 3 }, opens: [] })
      })

      test('[L20] a lease lapses while the key is warming', async () => {
        const [, warm] = await begin(ALICE)
        await step({ leases: [opened(PHONE, R1)] })
        nowMs += TTL_MS
        expect(ready(await finish(ALICE, warm, [register(R1, { tally: 2, settled: 0 })])).badge.total).toBe(2)
      })

      test('[L21] close-older ends the opens of every device, in the same step as the mark-unread', async () => {
        await warmed(ALICE, [register(R1, { tally: 4, settled: 4, version: 1 })])
        await lease(opened(PHONE, R1), opened(LAPTOP, R1), opened(LAPTOP, R2))
        const unread = ready(
          await step({
            rooms: [{ roomId: R1, tally: 4, member: member({ settled: 1, version: 2 }) }],
            leases: [{ kind: 'close-older', roomId: R1, beforeEpoch: 1 }],
          }),
        )
        expect(unread).toMatchObject({
          badge: { total: 3 },
          badgeChanged: true,
          rooms: [{ roomId: R1, shown: 3 }],
        })
        expect((await view()).opens).toEqual([R2])
      })

      test('[L21] close-older comes late: what was opened since its epoch stays open, and counts nothing', async () => {
        await warmed(ALICE, [register(R1, { tally: 4, settled: 4, version: 1 })])
        await lease(opened(PHONE, R1), opened(LAPTOP, R1, 2))
        const late = () =>
          step({
            rooms: [{ roomId: R1, tally: 4, member: member({ settled: 1, version: 2 }) }],
            leases: [{ kind: 'close-older', roomId: R1, beforeEpoch: 2 }],
          })
        expect(ready(await late())).toMatchObject({ badge: { total: 0 } })
        expect((await view()).opens).toEqual([R1])
        // The phone's is gone, whatever it says of an older time; the laptop's is what it was.
        await lease({ kind: 'close', deviceId: LAPTOP, roomId: R1 })
        expect(await view()).toMatchObject({ badge: { total: 3 }, opens: [] })
        await lease(opened(LAPTOP, R1, 2), opened(LAPTOP, R1))
        await late()
        expect(await view()).toMatchObject({ badge: { total: 0 }, opens: [R1] })
        await lease({ kind: 'close-older', roomId: R1, beforeEpoch: 3 })
        expect(await view()).toMatchObject({ badge: { total: 3 }, opens: [] })
      })

      test('[L22] a device that disconnects has nothing open any more', async () => {
        await warmed(ALICE, [register(R1, { tally: 1, settled: 0 }), register(R2, { tally: 1, settled: 0 })])
        await lease(connected(PHONE, NODE_1), opened(PHONE, R1), opened(PHONE, R2), opened(LAPTOP, R2))
        const gone = await lease({ kind: 'disconnect', deviceId: PHONE })
        expect(gone).toMatchObject({ badge: { total: 1 }, nodes: [], rooms: [{ roomId: R1, shown: 1 }] })
        expect((await view()).opens).toEqual([R2])
      })

      test('[L23] outcomes and views name the nodes with a live connection, each once', async () => {
        await warmed(ALICE, [])
        const both = await lease(
          connected(PHONE, NODE_1),
          connected(LAPTOP, NODE_1),
          connected('tablet', NODE_2),
        )
        expect([...both.nodes].sort()).toEqual([NODE_1, NODE_2])
        expect((await lease({ kind: 'disconnect', deviceId: 'tablet' })).nodes).toEqual([NODE_1])
        nowMs += TTL_MS / 2
        expect((await lease(connected(LAPTOP, NODE_2))).nodes).toHaveLength(2)
        nowMs += TTL_MS / 2
        expect((await view()).nodes).toEqual([NODE_2])
      })

      test('[L24] leases put with a snapshot are in the badge that it makes, whoever made the key', async () => {
        const registers = [register(R1, { tally: 2, settled: 0 }), register(R2, { tally: 3, settled: 0 })]
        const connect = { kind: 'connect', deviceId: PHONE, nodeId: NODE_1, ttlMs: TTL_MS } as const
        const leases = [connect, opened(PHONE, R1)]
        const put = { badge: { total: 3, unreadRooms: 1 }, nodes: [NODE_1] }
        const [, warm] = await begin(ALICE)
        const [first] = await ledger.finishWarm([{ userId: ALICE, warm, registers, leases }])
        expect(first).toMatchObject({ state: 'ready', ...put })
        const again = await ledger.finishWarm([{ userId: ALICE, warm, registers, leases }])
        expect(again).toMatchObject([{ state: 'ready', ...put, badgeChanged: false }])
        await warmed(BOB, registers)
        const [late] = await ledger.finishWarm([{ userId: BOB, warm, registers: [], leases }])
        expect(late).toMatchObject({ state: 'ready', ...put })
      })

      test('[L24] a room may be opened before its registers are known', async () => {
        await warmed(ALICE, [])
        expect(await lease(opened(PHONE, R1))).toMatchObject({ rooms: [], missing: [] })
        const joined = await merge({ roomId: R1, tally: 3, member: member({ settled: 0, version: 1 }) })
        expect(joined).toMatchObject({ badge: { total: 0 }, rooms: [{ roomId: R1, shown: 0 }] })
        expect((await lease({ kind: 'close', deviceId: PHONE, roomId: R1 })).badge.total).toBe(3)
      })
    })

    describe('many at once', () => {
      test('[L25] a batch answers in the order asked; one cold user does not hold up the others', async () => {
        await warmed(BOB, [register(R1, { tally: 0, settled: 0 })])
        const outcomes = await ledger.apply([
          { userId: ALICE, rooms: [{ roomId: R1, tally: 1 }] },
          { userId: BOB, rooms: [{ roomId: R1, tally: 1 }] },
          { userId: BOB, rooms: [{ roomId: R1, tally: 2 }] },
        ])
        expect(outcomes).toMatchObject([
          { userId: ALICE, state: 'cold' },
          { userId: BOB, state: 'ready', badge: { total: 1 } },
          { userId: BOB, state: 'ready', badge: { total: 2 } },
        ])
        const views = await ledger.read([{ userId: BOB }, { userId: ALICE }])
        expect(views).toMatchObject([
          { userId: BOB, badge: { total: 2 } },
          { userId: ALICE, state: 'cold' },
        ])
      })

      test('[L25] warming many users in one call', async () => {
        const users = Array.from({ length: 50 }, (_, index) => `user-${index}` as UserId)
        const begun = await ledger.beginWarm(users.map((userId, index) => ({ userId, warm: index + 1 })))
        expect(new Set(begun)).toEqual(new Set(['begun']))
        const outcomes = await ledger.finishWarm(
          users.map((userId, index) => ({
            userId,
            warm: index + 1,
            registers: [register(R1, { tally: index, settled: 0 })],
          })),
        )
        expect(outcomes.map((outcome) => ready(outcome).badge.total)).toEqual(users.map((_, index) => index))
      })

      test('[L25] more users than any one call takes are answered in the order asked', async () => {
        const users = Array.from({ length: 450 }, (_, index) => `user-${index}` as UserId)
        await ledger.beginWarm(users.map((userId, index) => ({ userId, warm: index + 1 })))
        const registers = [register(R1, { tally: 0, settled: 0 })]
        await ledger.finishWarm(users.map((userId, index) => ({ userId, warm: index + 1, registers })))
        const steps = users.map((userId, index) => ({ userId, rooms: [{ roomId: R1, tally: index }] }))
        const totals = (await ledger.apply(steps)).map((outcome) => ready(outcome).badge.total)
        expect(totals).toEqual(users.map((_, index) => index))
        const views = await ledger.read(users.toReversed().map((userId) => ({ userId })))
        expect(views.map(({ userId }) => userId)).toEqual(users.toReversed())
      })

      test('[L25] thousands of rooms of one user are warmed, changed and read like one', async () => {
        const rooms = Array.from({ length: 3_500 }, (_, index) => `room-${index}` as RoomId)
        const registers = rooms.map((roomId) => register(roomId, { tally: 2, settled: 1, change: 2 }))
        await warmed(ALICE, registers)
        expect((await view()).badge).toMatchObject({ total: 3_500, unreadRooms: 3_500 })
        const all = ready(await step({ rooms: rooms.map((roomId) => ({ roomId, tally: 3, change: 3 })) }))
        expect(all.badge).toMatchObject({ total: 7_000, unreadRooms: 3_500 })
        expect(all.rooms.map(({ roomId }) => roomId)).toEqual(rooms.toReversed())
        expect((await view(ALICE, rooms)).rooms.map(({ roomId }) => roomId)).toEqual(rooms)
        const [, warm] = await begin(ALICE, { force: true })
        const [changed, ...others] = registers.map((one) => ({ ...one, tally: 3, change: 3 }))
        const again = ready(await finish(ALICE, warm, [...others, { ...changed!, change: 4 }]))
        expect(again).toMatchObject({ badge: { total: 7_000 }, badgeChanged: false, missing: [] })
        expect(again.rooms.map(({ roomId }) => roomId)).toEqual([rooms[0]])
      })

      test('[L25] empty batches are answered with nothing', async () => {
        expect(await ledger.apply([])).toEqual([])
        expect(await ledger.read([])).toEqual([])
        expect(await ledger.beginWarm([])).toEqual([])
        expect(await ledger.finishWarm([])).toEqual([])
      })

      test('[L26] stats count keys and registers, and forget those that were dropped', async () => {
        await warmed(ALICE, [register(R1, { tally: 1, settled: 0 }), register(R2, { tally: 1, settled: 0 })])
        await warmed(BOB, [register(R1, { tally: 1, settled: 0 })])
        const both = await ledger.stats()
        expect(both).toMatchObject({ users: 2, rooms: 3 })
        expect(both.bytesEstimate).toBeGreaterThan(0)
        await ledger.drop([BOB])
        expect(await ledger.stats()).toMatchObject({ users: 1, rooms: 2 })
        await ledger.drop('all')
        expect(await ledger.stats()).toMatchObject({ users: 0, rooms: 0, bytesEstimate: 0 })
      })
    })
  })
}

type RegisterParts = Partial<MemberFlags> & {
  tally: number
  settled: number
  version?: number
  change?: number
  kind?: 'room' | 'feed'
}

function register(roomId: RoomId, parts: RegisterParts): LedgerRegister {
  const { tally, change = tally, version = 1 } = parts
  return { roomId, tally, change, ...member({ ...parts, version }) }
}

function member(
  parts: Partial<MemberFlags> & { settled: number; version: number; kind?: 'room' | 'feed' },
): MemberPart {
  const { settled, version, kind = 'room', left = false, muted = false, archivedAtTally = null } = parts
  return { kind, settled, version, flags: { left, muted, archivedAtTally } }
}

function connected(deviceId: string, nodeId: string): LeaseChange {
  return { kind: 'connect', deviceId, nodeId, ttlMs: TTL_MS }
}

function opened(deviceId: string, roomId: RoomId, readEpoch = 0): LeaseChange {
  return { kind: 'open', deviceId, roomId, readEpoch, ttlMs: TTL_MS }
}

function ready(outcome: LedgerOutcome): ReadyOutcome {
  expect(outcome).toMatchObject({ state: 'ready' })
  return outcome as ReadyOutcome
}

function shownByRoom(rooms: readonly { roomId: RoomId; shown: number }[]): Record<string, number> {
  return Object.fromEntries(rooms.map(({ roomId, shown }) => [roomId, shown]))
}
