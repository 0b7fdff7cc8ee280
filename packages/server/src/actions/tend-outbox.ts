import { maintainOutbox } from '../store/outbox-rows.ts'
import type { ActionContext } from './context.ts'

/** Makes the outbox's next partitions and drops those that are done and old: it never grows without end. */
export function tendOutbox(ctx: ActionContext): Promise<void> {
  return maintainOutbox(ctx.db)
}
