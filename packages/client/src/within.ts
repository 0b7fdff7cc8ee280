import { RequestError } from '@tally/protocol'
import { Timer } from './timer.ts'

/** What comes of it within this time. @throws RequestError `timeout`: nothing. */
export function within<T>(timeoutMs: number, what: Promise<T>): Promise<T> {
  const timer = new Timer()
  const late = new Promise<never>((_, reject) =>
    timer.set(timeoutMs, () => reject(new RequestError('timeout'))),
  )
  return Promise.race([what, late]).finally(() => timer.clear())
}
