import type { SyncAnswer } from '@tally/protocol'
import { hasMoved, namesEtag, type SyncState, syncEtag } from '../core/sync-state.ts'
import type { ActionContext, Caller } from './context.ts'
import { type PollHint, pollHint } from './poll-hint.ts'
import { type ReadyView, readyView } from './ready-view.ts'
import { answerSync, type Sync, syncQuery } from './sync.ts'
import { waitForMove } from './wait-for-move.ts'

export type PollSync = Sync & {
  /** How long to wait for something to tell, in ms, and what ends the waiting early. */
  wait?: { ms: number; signal: AbortSignal }
  /** The etag of the caller's last answer, as a request carries it. */
  ifNoneMatch?: string | undefined
}

/** `unmoved`: the caller has it all (304). The etag stands for the rev and the heads of the rooms named. */
export type PollOutcome =
  | ({ kind: 'unmoved'; etag: string } & PollHint)
  | { kind: 'answer'; etag: string; answer: SyncAnswer }

/**
 * A sync for clients that ask again and again: it may wait until there is something to tell, and a poll that finds
 * nothing costs one read of the ledger and no query.
 *
 * @throws RequestError `invalid_cursor`, `session_revoked` while it waits, `storage_unavailable`.
 */
export async function pollSync(ctx: ActionContext, caller: Caller, input: PollSync): Promise<PollOutcome> {
  const { rooms = [], next, wait, ifNoneMatch } = input
  const query = syncQuery(caller, input)
  const position = { since: input.since, rooms }
  const moved = (view: ReadyView) => next !== undefined || hasMoved(stateOf(view), position)
  const view = await (wait === undefined ? readyView(ctx, query) : waitForMove(ctx, { query, wait, moved }))

  const etag = syncEtag(stateOf(view), position)
  if (ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag) && !moved(view)) {
    return { kind: 'unmoved', etag, ...(await pollHint(ctx, caller, query.rooms)) }
  }
  return { kind: 'answer', etag, answer: await answerSync(ctx, caller, { input, view }) }
}

function stateOf({ badge, rooms }: ReadyView): SyncState {
  return { rev: badge.rev, heads: rooms }
}
