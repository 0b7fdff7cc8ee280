import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from './session.ts'

/** Connections are closed in this many steps at most, evenly over the time. */
const STEP_MS = 100
/** How long one session may take to finish what it started. */
const FINISH_MS = 5_000
/** How long its client may take to accept the answers: one that reads nothing never does. */
const LEAVE_MS = 1_000

/**
 * Sends everybody away, each at a moment of its own, so that they do not all knock at the next node at once. Everybody
 * is told the moment; who does not come to it by itself is closed then, which clients take for a lost network and come
 * back. What a session started is finished first.
 */
export async function drainSessions(
  sessions: readonly Session[],
  { spreadMs, nowMs }: { spreadMs: number; nowMs: () => number },
): Promise<void> {
  const momentOf = (index: number): number => Math.floor((spreadMs * (index + 1)) / sessions.length)
  sessions.forEach((session, index) => {
    session.connection.send('server-draining', { reconnectInMs: momentOf(index) })
  })
  const startedAtMs = nowMs()
  const closing: Promise<void>[] = []
  for (let next = 0; next < sessions.length; ) {
    const elapsedMs = nowMs() - startedAtMs
    for (; next < sessions.length && momentOf(next) <= elapsedMs; next += 1) {
      const session = sessions[next]
      if (session !== undefined) closing.push(finish(session))
    }
    if (next < sessions.length) await delay(Math.min(STEP_MS, Math.max(1, momentOf(next) - elapsedMs)))
  }
  await Promise.all(closing)
}

/** What was answered has left, too, when this resolves: whoever cuts connections off afterwards cuts off no answer. */
async function finish(session: Session): Promise<void> {
  await within(FINISH_MS, session.intake.idle())
  session.connection.close()
  await within(LEAVE_MS, session.connection.ended())
}

async function within(limitMs: number, end: Promise<void>): Promise<void> {
  const timeout = new AbortController()
  await Promise.race([end, delay(limitMs, undefined, { signal: timeout.signal }).catch(() => {})])
  timeout.abort()
}
