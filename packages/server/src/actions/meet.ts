import type { Committed } from '../core/committed.ts'
import type { ActionContext } from './context.ts'

/**
 * People who just came to share a direct room learn at once whether the other is here. Groups have no presence. Never
 * throws: who could not be told now learns it when one of the two comes or goes.
 */
export async function meet(ctx: ActionContext, { rooms }: Committed): Promise<void> {
  for (const { roomId, kind, membership } of rooms) {
    if (kind !== 'direct') continue
    try {
      await ctx.presence.met(await ctx.membersCache.recipients(roomId, membership))
    } catch (error) {
      ctx.log.warn({ err: error, roomId }, 'people who met could not be told of each other')
    }
  }
}
