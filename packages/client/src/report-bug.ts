import { RequestError } from '@tally/protocol'

/**
 * What goes wrong behind the scenes. A refusal or a fault shows in the state of things and is tried again by itself;
 * anything else is a bug, and must reach the program's own error reporting rather than vanish in a promise.
 */
export function reportBug(error: unknown): void {
  if (error instanceof RequestError) return
  queueMicrotask(() => {
    throw error
  })
}
