import type { ActionContext } from '../actions/context.ts'
import { finishInterrupted } from '../actions/finish-interrupted.ts'
import { TOUCH_INTERVAL_MS } from '../actions/leases.ts'
import { purgeOldMessages } from '../actions/purge-old-messages.ts'
import { redeliverUndone } from '../actions/redeliver-undone.ts'
import { expireTyping } from '../actions/set-typing.ts'
import { tendOutbox } from '../actions/tend-outbox.ts'
import { touchDevices } from '../actions/touch-devices.ts'
import type { LoadSampler } from './load-sampler.ts'
import { repeat } from './repeat.ts'

const SAMPLE_LOAD_EVERY_MS = 1_000
const EXPIRE_TYPING_EVERY_MS = 1_000
const REDELIVER_EVERY_MS = 1_000
const FINISH_INTERRUPTED_EVERY_MS = 30_000
const TEND_OUTBOX_EVERY_MS = 5 * 60_000
const RETENTION_EVERY_MS = 60 * 60_000

/**
 * Everything a node does without being asked.
 * @returns what ends it; resolves when the runs that are under way are over.
 */
export async function startWorkers(
  ctx: ActionContext,
  { load, retentionDays }: { load: LoadSampler; retentionDays: number | undefined },
): Promise<() => Promise<void>> {
  await tendOutbox(ctx)
  const failed = (worker: string) => (error: unknown) =>
    ctx.log.warn({ err: error, worker }, 'a worker will try again')
  const finishing = finishInterrupted(ctx).catch(failed('interrupted actions'))
  const stops = [
    () => finishing,
    repeat({ everyMs: TOUCH_INTERVAL_MS, task: () => touchDevices(ctx), onError: failed('touch') }),
    repeat({ everyMs: EXPIRE_TYPING_EVERY_MS, task: () => expireTyping(ctx), onError: failed('typing') }),
    repeat({ everyMs: SAMPLE_LOAD_EVERY_MS, task: () => load.sample(), onError: failed('load') }),
    repeat({
      everyMs: REDELIVER_EVERY_MS,
      task: () => redeliverUndone(ctx),
      onError: failed('redelivery'),
    }),
    repeat({
      everyMs: FINISH_INTERRUPTED_EVERY_MS,
      task: () => finishInterrupted(ctx),
      onError: failed('interrupted actions'),
    }),
    repeat({ everyMs: TEND_OUTBOX_EVERY_MS, task: () => tendOutbox(ctx), onError: failed('outbox') }),
    repeat({
      everyMs: RETENTION_EVERY_MS,
      task: () => purgeOldMessages(ctx, { retentionDays }),
      onError: failed('retention'),
    }),
  ]
  return async () => {
    await Promise.all(stops.map((stop) => stop()))
  }
}
