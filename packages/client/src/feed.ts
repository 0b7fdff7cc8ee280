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

/** A page of entries that were asked for. `next`: the cursor of the page after it. */
export type NotificationPage = { items: Notification[]; next: string | null }

type Place = { cursor?: string | undefined }

/** What was archived, newest first. @throws RequestError */
export function listArchived(tally: Caller, place: Place = {}): Promise<NotificationPage> {
  return listOnly(tally, 'archived', place)
}

/** What is unread, newest first. @throws RequestError */
export function listUnread(tally: Caller, place: Place = {}): Promise<NotificationPage> {
  return listOnly(tally, 'unread', place)
}

async function listOnly(
  tally: Caller,
  which: 'archived' | 'unread',
  { cursor }: Place,
): Promise<NotificationPage> {
  const place = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
  const answer = await tally.fetch(`/v1/notifications?${which}=true&limit=${PAGE}${place}`)
  return (await answer.json()) as NotificationPage
}
