import type { ActionContext } from '../actions/context.ts'
import { SearchIndexer } from '../actions/index-messages.ts'
import { repeat, type StopRepeating } from './repeat.ts'

/** How soon a message is found, at the least. */
const INDEX_EVERY_MS = 500
/** At most this part of the time goes into it: people who send come before people who search. */
const SHARE_OF_TIME = 0.2

/** Fills the index of messages in the background. */
export function startIndexing(ctx: ActionContext, onError: (error: unknown) => void): StopRepeating {
  const indexer = new SearchIndexer()
  let tookMs = 0
  let more = false
  return repeat({
    everyMs: () => (more ? tookMs / SHARE_OF_TIME : INDEX_EVERY_MS),
    task: async () => {
      const startedAtMs = performance.now()
      more = await indexer.run(ctx, startedAtMs)
      tookMs = performance.now() - startedAtMs
    },
    onError,
  })
}
