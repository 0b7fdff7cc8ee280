import type { Notification, NotificationId, Seq, v1 } from '@tally/protocol'
import { type Caller, nativeCall } from './native-call.ts'
import type { Tally } from './tally.ts'

type V1 = typeof v1

const PAGE = 50

/**
 * The person has seen the feed up to this entry, or all of it; that reads nothing. The person's other devices hear of it.
 * @throws RequestError
 */
export async function seeNotifications(tally: Caller, upToSeq?: Seq): Promise<void> {
  await nativeCall<V1['seeNotifications']>(
    tally,
    { method: 'POST', path: '/v1/notifications/seen' },
    { body: upToSeq === undefined ? {} : { upToSeq } },
  )
}

/** Entries to put away or to bring back; or all that were read, to be put away. */
export type Archiving = { ids: readonly NotificationId[]; archived: boolean } | { allRead: true }

/**
 * Puts entries of the feed away, which reads them, or brings them back; then the client's own list is current.
 * @throws RequestError
 */
export async function archiveNotifications(
  tally: Caller & Pick<Tally, 'notifications'>,
  which: Archiving,
): Promise<void> {
  const body = 'ids' in which ? { ids: [...which.ids], archived: which.archived } : which
  await nativeCall<V1['archiveNotifications']>(
    tally,
    { method: 'POST', path: '/v1/notifications/archive' },
    { body },
  )
  await tally.notifications.load()
}

/** A page of what was archived. `next`: the cursor of the one after it. */
export type ArchivedPage = { items: Notification[]; next: string | null }

/** What was archived, newest first. @throws RequestError */
export async function listArchived(
  tally: Caller,
  { cursor }: { cursor?: string | undefined } = {},
): Promise<ArchivedPage> {
  const place = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
  const answer = await tally.fetch(`/v1/notifications?archived=true&limit=${PAGE}${place}`)
  return (await answer.json()) as ArchivedPage
}
