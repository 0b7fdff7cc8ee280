import { setTimeout as delay } from 'node:timers/promises'
import { storageFaultOf, storageUnavailable } from './storage-faults.ts'

const ATTEMPTS = 5
const FIRST_PAUSE_MS = 5

/**
 * The one place where statements are retried: those that lost against others (deadlock, serialisation, lock timeout)
 * and left nothing behind. A lost connection is not retried here, because nobody knows whether the statement took
 * effect: the client's own retry with the same `clientId` settles that.
 *
 * @param random between 0 and 1: two that lost against each other must not meet again.
 * @throws RequestError `storage_unavailable` for faults; a bug's error as it is.
 */
export async function retryConflicts<T>(work: () => Promise<T>, random: () => number): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      const fault = storageFaultOf(error)
      if (fault === undefined || fault === 'malformed') throw error
      if (fault === 'unavailable' || attempt === ATTEMPTS) throw storageUnavailable(error)
      await delay(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + random()))
    }
  }
}
