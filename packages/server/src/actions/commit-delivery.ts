import type { UserId } from '@tally/protocol'
import type { CommittedGroup } from '../store/committed-group.ts'
import type { ActionContext } from './context.ts'
import { deliver } from './deliver.ts'
import { readReceipts } from './read-receipt.ts'

/** Tells the world about one committed group of sends and reads: one ledger call, however many were in it. */
export function deliverGroup(ctx: ActionContext, group: CommittedGroup): Promise<void> {
  const { committed, messages, reads, committedAtMs, startedAtMs, receivedAtMs } = group
  const commitMs = committedAtMs - startedAtMs
  return deliver(ctx, {
    committed,
    messages,
    frames: readReceipts(reads),
    readers: new Set<UserId>(reads.map(({ userId }) => userId)),
    timings: {
      committedAtMs,
      of: ({ id }) => {
        const acceptedAtMs = receivedAtMs.get(id) ?? startedAtMs
        const acceptedAt = new Date(performance.timeOrigin + acceptedAtMs).toISOString()
        return { acceptedAt, edgeMs: startedAtMs - acceptedAtMs, commitMs }
      },
    },
  })
}
