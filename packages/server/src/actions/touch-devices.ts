import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { RoomId, UserId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { LeaseChange, LedgerStep, ReadyOutcome } from '../core/ledger-step.ts'
import type { LedgerQuery } from '../core/ledger-view.ts'
import { warmOf } from '../core/user-entry.ts'
import { announce, applySteps } from './announce.ts'
import type { ActionContext } from './context.ts'
import { endMissedMemberships, type MissedEnd } from './end-missed-memberships.ts'
import { endMissedOpens } from './end-missed-opens.ts'
import { endRevokedSessions } from './end-revoked-sessions.ts'
import { forgetMissedEpochs } from './forget-missed-epochs.ts'
import { LEASE_TTL_MS, opensOf } from './leases.ts'
import type { Renewed } from './recent-rows.ts'

/** People per step of the ledger: between two of them the node does what else has come. */
const PEOPLE_PER_STEP = 100
/** The same where there is time: a message waits for a whole step, here and in Redis. */
const PEOPLE_PER_SHORT_STEP = 20
const PAUSE_MAX_MS = 20

/**
 * Batched steps for everybody connected here: re-asserts their leases, drops lapsed ones, and tells the devices the
 * badge of this moment and the rows that changed since the last touch (they ignore what they know already), and the
 * rooms that are open here their last change. People whose copy is gone are warmed, and polls that wait look again. This
 * heals lost frames, lapsed leases and a flushed ledger.
 *
 * @param options.spreadOverMs how long it may take where nothing is known to be wrong: all steps one behind the other
 * would be felt by every message meanwhile. 0: as fast as it goes.
 */
export async function touchDevices(ctx: ActionContext, { spreadOverMs = 0 } = {}): Promise<void> {
  // Polls that wait hear of a lost frame, or of a ledger that lost its keys, by looking.
  ctx.devices.wakeAll()
  const userIds = [...ctx.devices.users()]
  const tellings: Promise<{ error: unknown } | undefined>[] = []
  const ended: MissedEnd[] = []
  const perStep = spreadOverMs > 0 ? PEOPLE_PER_SHORT_STEP : PEOPLE_PER_STEP
  const pauseMs = Math.min(PAUSE_MAX_MS, (spreadOverMs * perStep) / userIds.length)
  for (let first = 0; first < userIds.length; first += perStep) {
    if (first > 0) await (spreadOverMs > 0 ? delay(pauseMs) : nextTurn())
    const people = userIds.slice(first, first + perStep).map((userId) => ({ userId }))
    // The next people do not wait for the rows of these: the looks at the database come one at a time.
    const found = await assert(ctx, people)
    ended.push(...found.ended)
    const telling = ctx.recentRows.tell(found.renewed)
    // Held at once: it may fail while these steps go on, or after one of them did.
    tellings.push(
      telling.then(
        () => undefined,
        (error: unknown) => ({ error }),
      ),
    )
  }
  for (const failed of await Promise.all(tellings)) if (failed !== undefined) throw failed.error
  await ctx.presence.touch()
  await endRevokedSessions(ctx)
  await endMissedMemberships(ctx, ended)
  await endMissedOpens(ctx)
  await forgetMissedEpochs(ctx)
}

/**
 * The same for some of them, out of turn: their copies were found gone, perhaps with more than this node knows.
 * @param people with the rooms that showed it.
 */
export async function touchPeople(ctx: ActionContext, people: readonly LedgerStep[]): Promise<void> {
  const { renewed, ended } = await assert(ctx, people)
  await ctx.recentRows.tell(renewed)
  await endMissedMemberships(ctx, ended)
}

/**
 * @returns `renewed`: those whose copies are other ones than at the last touch: what changed in between only the database
 * knows. `ended`: who shows a room that they have left, as far as the ledger knows.
 */
async function assert(
  ctx: ActionContext,
  people: readonly Omit<LedgerStep, 'leases'>[],
): Promise<{ renewed: Omit<Renewed, 'atMs'>[]; ended: MissedEnd[] }> {
  const here = people.filter(({ userId }) => ctx.devices.has(userId))
  const askedAtMs = performance.now()
  const steps = here.map((one) => ({ ...one, leases: leasesOf(ctx, one.userId) }))
  const outcomes = await applySteps(ctx, steps)
  // Whoever began to warm these may have died over it: somebody has to wait for them, and to take over.
  const warming = outcomes.filter(({ state }) => state === 'warming').map(({ userId }) => userId)
  if (warming.length > 0) ctx.warmer.ensure(warming).catch(() => {})
  const ready = outcomes.filter((outcome) => outcome.state === 'ready')
  // A warm number that was drawn early and used late, on a key that was gone meanwhile: the devices know a higher rev.
  const fallen = ready.filter(({ userId, badge }) => warmOf(badge.rev) < warmOf(ctx.devices.toldRev(userId)))
  if (fallen.length > 0) ctx.warmer.again(fallen.map(({ userId }) => ({ userId })))
  const self = [ctx.bus.nodeId]
  // Whoever waits for rows gets the badge behind them.
  const told = ready.filter(({ userId }) => !ctx.heldNews.has(userId))
  ctx.bus.send(
    self,
    told.map(({ userId, badge }) => ({
      kind: 'user',
      userId,
      since: badge.rev,
      badge,
      rooms: [],
      urgent: false,
    })),
  )
  for (const { userId, badge } of ready) {
    if (ctx.devices.touchedRev(userId) === badge.rev) ctx.devices.touched(userId, badge.rev, askedAtMs)
  }
  const views = await ctx.ledger.read(questionsOf(ctx, ready))
  const moved: ReadyOutcome[] = []
  const renewed: Omit<Renewed, 'atMs'>[] = []
  const shown: Frame[] = []
  const ended: MissedEnd[] = []
  for (const view of views) {
    if (view.state !== 'ready') continue
    const { userId, badge, rooms, changedSince } = view
    const since = ctx.devices.touchedRev(userId)
    for (const { roomId, change, left } of rooms) {
      if (left) ended.push({ userId, roomId })
      else shown.push({ kind: 'room-head', roomId, change })
    }
    if (changedSince === 'unknown' && since !== undefined && warmOf(since) !== warmOf(badge.rev)) {
      renewed.push({ userId, rev: badge.rev })
      continue
    }
    ctx.devices.touched(userId, badge.rev, askedAtMs)
    if (changedSince === 'unknown') continue
    moved.push({
      userId,
      state: 'ready',
      badge,
      since: since ?? 0,
      badgeChanged: false,
      rooms: changedSince,
      missing: [],
      nodes: self,
    })
  }
  announce(ctx, moved)
  ctx.bus.send(self, shown)
  return { renewed, ended }
}

/**
 * What has to be asked of whom: the rooms that their devices here show, for the last change of each and because word of
 * their end may have been lost; and the rooms of everybody whose badge moved since the last touch. What their devices
 * know already is not told again.
 */
function questionsOf(ctx: ActionContext, people: readonly ReadyOutcome[]): LedgerQuery[] {
  const questions: LedgerQuery[] = []
  for (const { userId, badge } of people) {
    const rooms = new Set<RoomId>()
    for (const device of ctx.devices.of(userId)) {
      for (const roomId of device.rooms.keys()) rooms.add(roomId)
      for (const roomId of device.markedUnread.keys()) rooms.add(roomId)
    }
    const since = ctx.devices.touchedRev(userId)
    const hasMoved = since !== undefined && since !== badge.rev
    if (rooms.size > 0 || since !== badge.rev) {
      questions.push({ userId, rooms: [...rooms], ...(hasMoved ? { since } : {}) })
    }
  }
  return questions
}

/** The leases of a person's devices on this node, as they are now. */
export function leasesOf(ctx: ActionContext, userId: UserId): LeaseChange[] {
  const leases: LeaseChange[] = []
  for (const device of ctx.devices.of(userId)) {
    leases.push({
      kind: 'connect',
      deviceId: device.deviceId,
      nodeId: ctx.bus.nodeId,
      ttlMs: LEASE_TTL_MS,
    })
    leases.push(...opensOf(device))
    // One that was being put while word of the mark came would hide it.
    for (const [roomId, beforeEpoch] of device.markedUnread)
      leases.push({ kind: 'close-older', roomId, beforeEpoch })
  }
  return leases
}
