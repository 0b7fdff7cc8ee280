import { setTimeout as delay } from 'node:timers/promises'
import type { RoomId, UserId } from '@tally/protocol'
import type { MessageTiming, RoomRow } from '../bus/frames.ts'
import type { StoredMessage } from '../core/committed.ts'
import type { LedgerOutcome, LedgerRoom, LedgerStep, ReadyOutcome } from '../core/ledger-step.ts'
import type { ActionContext } from './context.ts'
import type { News } from './held-news.ts'
import type { RoomPreview } from './room-previews.ts'

/** Why badges move: what the frames say beside the numbers. */
export type Cause = {
  /** New messages, in order of their room's seq. */
  messages?: readonly StoredMessage[]
  /** People whose own reading this is: their badge is never delayed. */
  readers?: ReadonlySet<UserId>
  /** When the commit was back, on the clock of `performance.now()`, and how long the parts before it took. */
  timings?: { committedAtMs: number; of: (message: StoredMessage) => Omit<MessageTiming, 'ledgerMs'> }
}

/**
 * One ledger call for all of these steps, and frames for everything they changed. Every step goes through here, because
 * an outcome tells what changed since the last one: one that is not announced is a number that nobody gets.
 *
 * @returns the outcomes, when the ledger has merged them; the frames that need no look-up have left by then.
 */
export async function applySteps(
  ctx: ActionContext,
  steps: readonly LedgerStep[],
  cause: Cause = {},
): Promise<LedgerOutcome[]> {
  const outcomes = await ctx.ledger.apply(steps)
  tellOutcomes(ctx, steps, outcomes, cause)
  return outcomes
}

/** What follows upon every step that was merged. @param outcomes in the order of the steps. */
export function tellOutcomes(
  ctx: ActionContext,
  steps: readonly LedgerStep[],
  outcomes: readonly LedgerOutcome[],
  cause: Cause = {},
): void {
  const doubtful = steps.filter((_, index) => isDoubtful(ctx, outcomes[index]))
  if (doubtful.length > 0) ctx.warmer.again(doubtful)
  ctx.coldPeople.found(steps.filter((_, index) => outcomes[index]?.state === 'cold'))
  announce(ctx, outcomes, cause)
}

/** The key is gone though the person is here, or it does not hold a room that others see the person in. */
function isDoubtful(ctx: ActionContext, outcome: LedgerOutcome | undefined): boolean {
  if (outcome?.state === 'cold') return ctx.devices.has(outcome.userId)
  return outcome?.state === 'ready' && outcome.missing.length > 0
}

/**
 * Frames for everyone whose badge or rooms visibly changed and who is connected somewhere. A row whose last message is
 * not remembered is looked up first, and what the person is told meanwhile waits behind it: rows and total add up at
 * every rev. It does not wait for long; without its rows the badge goes out all the same.
 */
export function announce(ctx: ActionContext, outcomes: readonly LedgerOutcome[], cause: Cause = {}): void {
  const atMs = performance.now()
  const timings = timingsOf(cause, atMs)
  const incomplete: UserId[] = []
  const { promise: told, resolve } = Promise.withResolvers<void>()
  for (const outcome of badgesFirst(outcomes)) {
    if (outcome.nodes.length === 0) continue
    const { userId } = outcome
    const changedRooms = roomsToShow(outcome).length
    if (outcome.badge.rev === outcome.since && !outcome.badgeChanged) continue
    const news = { outcome, timings, atMs, urgent: cause.readers?.has(userId) ?? false }
    const held = ctx.heldNews.get(userId)
    const rows = held === undefined ? rowsOf(ctx, news) : []
    if (held !== undefined) {
      held.news.push(news)
    } else if (rows.length === changedRooms) {
      tell(ctx, news, rows)
    } else {
      ctx.heldNews.set(userId, { news: [news], told })
      incomplete.push(userId)
    }
  }
  if (incomplete.length > 0) void tellWithRows(ctx, incomplete, resolve)
}

/** A sender's own list can wait until the others have their numbers. */
function badgesFirst(outcomes: readonly LedgerOutcome[]): ReadyOutcome[] {
  const ready = outcomes.filter((outcome) => outcome.state === 'ready')
  return [
    ...ready.filter(({ badgeChanged }) => badgeChanged),
    ...ready.filter(({ badgeChanged }) => !badgeChanged),
  ]
}

/** How long a badge waits for rows that have to be looked up. */
const ROWS_WAIT_MS = 100

/** What was looked up for people who wait: a node may remember too little for all of it. */
type Found = Map<RoomId, RoomPreview>

async function tellWithRows(
  ctx: ActionContext,
  userIds: readonly UserId[],
  onTold: () => void,
): Promise<void> {
  const timeIsUp = delay(ROWS_WAIT_MS, false, { ref: false })
  const withoutRows: News[] = []
  const found: Found = new Map()
  let waiting = userIds
  let lookingUp = Promise.resolve(true)
  while (waiting.length > 0) {
    lookingUp = lookUpRows(ctx, heldBy(ctx, waiting), found)
    const goesOn = await Promise.race([lookingUp, timeIsUp])
    // What came meanwhile may lack rows of its own, and what was found may have changed since.
    const lacking = goesOn ? waiting.filter((userId) => lacksRows(ctx, heldBy(ctx, [userId]), found)) : []
    for (const userId of waiting.filter((userId) => !lacking.includes(userId))) {
      const told = heldBy(ctx, [userId])
      ctx.heldNews.delete(userId)
      withoutRows.push(
        ...told.filter((news) => !tell(ctx, news, rowsOf(ctx, news, { whatever: true, found }))),
      )
    }
    waiting = lacking
  }
  onTold()
  if (withoutRows.length === 0) return
  if (!(await lookingUp) || !(await lookUpRows(ctx, withoutRows, found))) {
    for (const { outcome } of withoutRows) ctx.devices.untouched(outcome.userId, outcome.since)
    return
  }
  for (const news of withoutRows) tell(ctx, news, rowsOf(ctx, news, { whatever: true, found }))
}

function heldBy(ctx: ActionContext, userIds: readonly UserId[]): News[] {
  return userIds.flatMap((userId) => ctx.heldNews.get(userId)?.news ?? [])
}

function lacksRows(ctx: ActionContext, news: readonly News[], found: Found): boolean {
  return news.some((each) => rowsOf(ctx, each, { found }).length < roomsToShow(each.outcome).length)
}

/** @returns whether the database could be asked. */
async function lookUpRows(ctx: ActionContext, news: readonly News[], found: Found): Promise<boolean> {
  const roomIds = news.flatMap(({ outcome }) =>
    roomsToShow(outcome)
      .filter((room) => lastMessageOf(ctx, room, { found, whatever: false }) === undefined)
      .map(({ roomId }) => roomId),
  )
  try {
    if (roomIds.length === 0) return true
    for (const [roomId, preview] of await ctx.previews.load([...new Set(roomIds)])) found.set(roomId, preview)
    return true
  } catch (error) {
    ctx.log.warn({ err: error }, 'badges went out without the rows of their rooms')
    return false
  }
}

/** @returns whether every row was there. */
function tell(ctx: ActionContext, { outcome, urgent }: News, rooms: RoomRow[]): boolean {
  const { userId, since, badge, nodes } = outcome
  ctx.bus.send(nodes, [{ kind: 'user', userId, since, badge, rooms, urgent }])
  return rooms.length === roomsToShow(outcome).length
}

/** The feed has no row in the list of rooms. */
function roomsToShow({ rooms }: ReadyOutcome): readonly LedgerRoom[] {
  return rooms.filter(({ kind }) => kind === 'room')
}

/** The rows whose last message is remembered as of their change, or as of `whatever` change. */
function rowsOf(
  ctx: ActionContext,
  news: News,
  { whatever = false, found }: { whatever?: boolean; found?: Found } = {},
): RoomRow[] {
  const { outcome, timings, atMs } = news
  const rows: RoomRow[] = []
  for (const room of roomsToShow(outcome)) {
    const { roomId, shown, change, muted, archived, left } = room
    const last = lastMessageOf(ctx, room, { found, whatever })
    if (last === undefined) continue
    const { lastMessage, lastMessageAt, lastSeq, lastSenderId, membership } = last
    // For a badge: the sender's own row comes after the others', and has none.
    const timing = lastSenderId === outcome.userId ? undefined : timings.get(roomId)
    // What it waited for a look-up is time on its way, too.
    const heldMs = whatever ? performance.now() - atMs : 0
    rows.push({
      roomId,
      lastMessage,
      lastMessageAt,
      lastSeq,
      lastSenderId,
      unreadCount: shown,
      rev: outcome.badge.rev,
      change,
      membership,
      muted,
      archived,
      left,
      ...(timing === undefined ? {} : { timing: { ...timing, ledgerMs: timing.ledgerMs + heldMs } }),
    })
  }
  return rows
}

/** Of what is remembered and what was looked up the newer one, if it is as new as the change. */
function lastMessageOf(
  ctx: ActionContext,
  { roomId, change }: LedgerRoom,
  { found, whatever }: { found: Found | undefined; whatever: boolean },
): RoomPreview | undefined {
  const [known, looked] = [ctx.previews.peek(roomId), found?.get(roomId)]
  const newer =
    looked === undefined || (known !== undefined && known.change >= looked.change) ? known : looked
  return newer !== undefined && (whatever || newer.change >= change) ? newer : undefined
}

function timingsOf({ messages = [], timings }: Cause, atMs: number): Map<RoomId, MessageTiming> {
  const byRoom = new Map<RoomId, MessageTiming>()
  if (timings === undefined) return byRoom
  const ledgerMs = atMs - timings.committedAtMs
  for (const message of messages) byRoom.set(message.roomId, { ...timings.of(message), ledgerMs })
  return byRoom
}
