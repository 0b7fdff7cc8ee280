import { type LiveSigns, type OpenRoom, RequestError, type RoomId, type SyncAnswer } from '@tally/protocol'
import { hasMoved, namesEtag, type SyncState, syncEtag } from '../core/sync-state.ts'
import type { ActionContext, Caller } from './context.ts'
import { TOUCH_INTERVAL_MS } from './leases.ts'
import { type PollHint, pollHint } from './poll-hint.ts'
import { type ReadyView, readyView } from './ready-view.ts'
import { showPolledRooms } from './show-polled-rooms.ts'
import { answerSync, type Sync, syncQuery } from './sync.ts'
import { waitForMove } from './wait-for-move.ts'

export type PollSync = Sync & {
  /** How long to wait for something to tell, in ms, and what ends the waiting early. */
  wait?: { ms: number; signal: AbortSignal }
  /** The etag of the caller's last answer, as a request carries it. */
  ifNoneMatch?: string | undefined
  /** Names the device among those of the caller, where it is one that asks again and again. */
  device?: string | undefined
  /** The rooms that the device shows; absent: it says nothing of that. */
  open?: readonly OpenRoom[] | undefined
}

/** `unmoved`: the caller has it all (304). The etag stands for the rev, the heads of the rooms named and live signs. */
export type PollOutcome =
  | ({ kind: 'unmoved'; etag: string } & PollHint)
  | { kind: 'answer'; etag: string; answer: SyncAnswer }

/**
 * A sync for clients that ask again and again: it may wait until there is something to tell, and a poll that finds
 * nothing costs one read of the ledger and no query. A device that names itself is somebody who is here, and the rooms
 * that it shows are open while it asks.
 *
 * @throws RequestError `invalid_cursor`, `session_revoked` while it waits, `storage_unavailable`.
 */
export async function pollSync(ctx: ActionContext, caller: Caller, input: PollSync): Promise<PollOutcome> {
  const { rooms = [], next, wait, ifNoneMatch, device } = input
  const query = syncQuery(caller, input)
  const position = { since: input.since, rooms }
  const live = (view: ReadyView) => (device === undefined ? undefined : liveSigns(ctx, caller, view))
  const etagOf = (view: ReadyView) => syncEtag(stateOf(view), position, live(view))
  const moved = (view: ReadyView) =>
    next !== undefined ||
    hasMoved(stateOf(view), position) ||
    (device !== undefined && !namesEtag(ifNoneMatch ?? '', etagOf(view)))
  const look = lookerOf(ctx, caller, input)
  await look()
  const view = await (wait === undefined
    ? readyView(ctx, query)
    : waitForMove(ctx, { query, caller, wait, moved, look }).catch(async (error: unknown) => {
        await closeWhatEnded(ctx, caller, { device, error })
        throw error
      }))

  const etag = etagOf(view)
  if (ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag) && !moved(view)) {
    return { kind: 'unmoved', etag, ...(await pollHint(ctx, caller, query.rooms)) }
  }
  const signs = live(view)
  const answer = await answerSync(ctx, caller, { input, view })
  return { kind: 'answer', etag, answer: signs === undefined ? answer : { ...answer, live: signs } }
}

/** What says that the device is here and shows what it shows; now and, while it waits, as often as a node touches. */
function lookerOf(ctx: ActionContext, caller: Caller, { device, open }: PollSync): () => Promise<void> {
  const { userId } = caller
  let saidAtMs = Number.NEGATIVE_INFINITY
  return async () => {
    const nowMs = performance.now()
    if (device === undefined || nowMs - saidAtMs < TOUCH_INTERVAL_MS / 2) return
    saidAtMs = nowMs
    await ctx.pollingPeople.seen(userId)
    if (open === undefined) return
    const deviceId = `poll:${userId}:${device}`
    await showPolledRooms(ctx, caller, { deviceId, open }).catch((error: unknown) => {
      // News come from the ledger all the same; until the database is back nothing more counts as open.
      if (!(error instanceof RequestError)) throw error
      ctx.log.debug({ err: error }, 'what a polling device shows could not be looked up')
    })
  }
}

/** A polling device was signed out: nothing is open on it any more. */
async function closeWhatEnded(
  ctx: ActionContext,
  caller: Caller,
  { device, error }: { device: string | undefined; error: unknown },
): Promise<void> {
  if (device === undefined || !(error instanceof RequestError) || error.code !== 'session_revoked') return
  const nothing = { deviceId: `poll:${caller.userId}:${device}`, open: [] } as const
  await showPolledRooms(ctx, caller, nothing).catch((fault: unknown) => {
    ctx.log.debug({ err: fault }, 'what a polling device showed will lapse by itself')
  })
}

/** Of the rooms named that the person is in. */
function liveSigns(ctx: ActionContext, { userId }: Caller, { rooms }: ReadyView): LiveSigns {
  const roomIds: RoomId[] = rooms.filter(({ left }) => !left).map(({ roomId }) => roomId)
  const { pollingPeople } = ctx
  const presence = pollingPeople.presenceFor(userId)
  const feed = pollingPeople.feedOf(userId)
  return { ...ctx.signals.of(roomIds, userId), presence, ...(feed === undefined ? {} : { feed }) }
}

function stateOf({ badge, rooms }: ReadyView): SyncState {
  return { rev: badge.rev, heads: rooms }
}
