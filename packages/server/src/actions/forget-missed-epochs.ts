import { readMarkedUnread } from '../store/read-marked-unread.ts'
import type { ActionContext } from './context.ts'

/** Rooms per look at the database: between two of them it answers others. */
const ROOMS_AT_ONCE = 1_000

/**
 * Forgets at which read epoch polling people are where it is another one by now, should word of a mark as unread have got
 * lost: their next poll would open the room again, and hide the mark. Where nobody polls, nothing is asked.
 *
 * @throws RequestError `storage_unavailable`; the next touch looks again.
 */
export async function forgetMissedEpochs({ db, readEpochs }: ActionContext): Promise<void> {
  const inUse = readEpochs.inUse()
  for (let first = 0; first < inUse.length; first += ROOMS_AT_ONCE) {
    const some = inUse.slice(first, first + ROOMS_AT_ONCE)
    for (const place of await readMarkedUnread(db, some)) {
      const missed = some[place]
      if (missed !== undefined) readEpochs.forget(missed)
    }
  }
}
