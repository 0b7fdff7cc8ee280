import type { ActionContext } from '../actions/context.ts'
import { finishInterrupted } from '../actions/finish-interrupted.ts'
import { forgetOldSignIns } from '../actions/forget-old-sign-ins.ts'
import { TOUCH_INTERVAL_MS } from '../actions/leases.ts'
import type { NodeHeartbeat } from '../actions/node-heartbeat.ts'
import { purgeOldMessages } from '../actions/purge-old-messages.ts'
import type { Reconciliation } from '../actions/reconcile.ts'
import { redeliverUndone } from '../actions/redeliver-undone.ts'
import { expireTyping } from '../actions/set-typing.ts'
import { OutboxTail } from '../actions/tail-outbox.ts'
import { tendOutbox } from '../actions/tend-outbox.ts'
import { tidyAttachments } from '../actions/tidy-attachments.ts'
import { touchDevices } from '../actions/touch-devices.ts'
import { startIndexing } from './indexer.ts'
import type { LoadSampler } from './load-sampler.ts'
import { Reconciler } from './reconciler.ts'
import { repeat } from './repeat.ts'

const SAMPLE_LOAD_EVERY_MS = 1_000
const EXPIRE_TYPING_EVERY_MS = 1_000
const HEARTBEAT_EVERY_MS = 1_000
/** Not all nodes at the same moment: they would claim the same rows. */
const REDELIVER_EVERY_MS = { atLeast: 500, atMost: 1_000 }
const TAIL_EVERY_MS = 200
const RECONCILE_EVERY_MS = 5_000
const FINISH_INTERRUPTED_EVERY_MS = 30_000
const TEND_OUTBOX_EVERY_MS = 5 * 60_000
const TIDY_ATTACHMENTS_EVERY_MS = 60_000
const DEVICES_SEEN_EVERY_MS = 30_000
const FORGET_SIGN_INS_EVERY_MS = 60 * 60_000
const RETENTION_EVERY_MS = 60 * 60_000

export type WorkerOptions = {
  load: LoadSampler
  heartbeat: NodeHeartbeat
  config: { retentionDays: number | undefined; tokenMaxAgeDays: number }
  /** Whether this node's ledger is its own while other nodes write, so that it has to read what they write. */
  tailsOutbox: () => boolean
  /** Whether a row is done once this node has told it: not while the ledger that all nodes share is away. */
  redelivers: () => boolean
  /** Told what the reconciler found. */
  onReconciled: (reconciliation: Reconciliation) => void
}

/**
 * Everything a node does without being asked.
 * @returns what ends it; resolves when the runs that are under way are over.
 */
export async function startWorkers(
  ctx: ActionContext,
  { config, load, heartbeat, tailsOutbox, redelivers, onReconciled }: WorkerOptions,
): Promise<() => Promise<void>> {
  await heartbeat.beat()
  await tendOutbox(ctx)
  const failed = (worker: string) => (error: unknown) =>
    ctx.log.warn({ err: error, worker }, 'a worker will try again')
  const tail = new OutboxTail()
  const reconciler = new Reconciler({ onReconciled, random: Math.random })
  const finishing = finishInterrupted(ctx).catch(failed('interrupted actions'))
  const stops = [
    () => finishing,
    repeat({
      everyMs: TOUCH_INTERVAL_MS,
      task: () => touchDevices(ctx, { spreadOverMs: TOUCH_INTERVAL_MS / 2 }),
      onError: failed('touch'),
    }),
    repeat({
      everyMs: TOUCH_INTERVAL_MS,
      task: () => ctx.deliveries.store(),
      onError: failed('what devices have'),
    }),
    repeat({ everyMs: EXPIRE_TYPING_EVERY_MS, task: () => expireTyping(ctx), onError: failed('typing') }),
    repeat({ everyMs: SAMPLE_LOAD_EVERY_MS, task: () => load.sample(), onError: failed('load') }),
    repeat({ everyMs: HEARTBEAT_EVERY_MS, task: () => heartbeat.beat(), onError: failed('heartbeat') }),
    repeat({
      everyMs: () => between(REDELIVER_EVERY_MS),
      task: () => (redelivers() ? redeliverUndone(ctx) : undefined),
      onError: failed('redelivery'),
    }),
    repeat({
      everyMs: TAIL_EVERY_MS,
      task: () => (tailsOutbox() ? tail.run(ctx, heartbeat.epoch) : tail.rest()),
      onError: failed('the tail of the outbox'),
    }),
    repeat({
      everyMs: RECONCILE_EVERY_MS,
      task: () => reconciler.run(ctx),
      onError: failed('reconciler'),
    }),
    repeat({
      everyMs: FINISH_INTERRUPTED_EVERY_MS,
      task: () => finishInterrupted(ctx),
      onError: failed('interrupted actions'),
    }),
    repeat({ everyMs: TEND_OUTBOX_EVERY_MS, task: () => tendOutbox(ctx), onError: failed('outbox') }),
    startIndexing(ctx, failed('the index of messages')),
    repeat({
      everyMs: TIDY_ATTACHMENTS_EVERY_MS,
      task: () => tidyAttachments(ctx),
      onError: failed('files of messages'),
    }),
    repeat({
      everyMs: DEVICES_SEEN_EVERY_MS,
      task: () => ctx.devicesSeen.flush(),
      onError: failed('when devices were seen'),
    }),
    repeat({
      everyMs: FORGET_SIGN_INS_EVERY_MS,
      task: () => forgetOldSignIns(ctx, config),
      onError: failed('sign-ins of the past'),
    }),
    repeat({
      everyMs: RETENTION_EVERY_MS,
      task: () => purgeOldMessages(ctx, config),
      onError: failed('retention'),
    }),
  ]
  return async () => {
    reconciler.stop()
    await Promise.all(stops.map((stop) => stop()))
    await ctx.deliveries.store().catch(failed('what devices have'))
  }
}

function between({ atLeast, atMost }: { atLeast: number; atMost: number }): number {
  return atLeast + Math.random() * (atMost - atLeast)
}
