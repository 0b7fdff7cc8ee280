import { RequestError, type RoomId } from '@tally/protocol'
import type { Frame } from '../bus/frames.ts'
import type { Typist } from '../core/typing.ts'
import type { ActionContext, Caller } from './context.ts'

/**
 * Somebody types, or has stopped. A person types while any of their devices does. While they go on every node is told
 * again now and then: one that hears nothing more takes it that they stopped.
 *
 * @throws RequestError `rate_limited`, `room_not_found`.
 */
export async function setTyping(
  ctx: ActionContext,
  caller: Caller,
  input: { roomId: RoomId; typing: boolean },
): Promise<void> {
  const { userId, deviceId = `http:${caller.userId}` } = caller
  const { roomId, typing } = input
  const rate = ctx.rateLimits.typing.take(userId, ctx.now())
  if (!rate.ok) throw new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs })
  if (!(await ctx.membersCache.isMember(roomId, userId))) throw new RequestError('room_not_found')
  const changed = ctx.typing.set({ roomId, userId, deviceId, typing, nowMs: ctx.now() })
  if (changed) ctx.bus.send('all', [typingFrame(ctx, { roomId, userId, typing })])
}

/** People whose signal was not repeated in time have stopped. */
export function expireTyping(ctx: ActionContext): void {
  ctx.signals.expire()
  const stopped = ctx.typing.expire(ctx.now())
  ctx.bus.send(
    'all',
    stopped.map(({ roomId, userId }) => typingFrame(ctx, { roomId, userId, typing: false })),
  )
}

/** A device that is gone types no more. */
export function stopTyping(ctx: ActionContext, deviceId: string): void {
  const stopped = ctx.typing.drop(deviceId)
  ctx.bus.send(
    'all',
    stopped.map(({ roomId, userId }) => typingFrame(ctx, { roomId, userId, typing: false })),
  )
}

function typingFrame({ bus }: ActionContext, signal: Typist & { typing: boolean }): Frame {
  return { kind: 'typing', nodeId: bus.nodeId, ...signal }
}
