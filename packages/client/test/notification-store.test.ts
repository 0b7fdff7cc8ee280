import type { Notification, WireNotification } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import type { HttpApi } from '../src/http-api.ts'
import { NotificationStore } from '../src/notification-store.ts'

const OFFER = {
  id: 'n-1',
  seq: 1,
  type: 'job',
  title: 'An offer',
  content: '',
  link: null,
  created_at: '2026-01-01T00:00:00.000Z',
} as unknown as WireNotification

const NEWER = {
  ...OFFER,
  id: 'n-2',
  title: 'A newer offer',
  created_at: '2026-01-02T00:00:00.000Z',
} as typeof OFFER
const OLDER = {
  ...OFFER,
  id: 'n-0',
  title: 'An older offer',
  created_at: '2025-12-31T00:00:00.000Z',
} as typeof OFFER

/** A feed whose pages come when the test says so. */
function feed() {
  const asked: ((items: readonly Notification[], next?: string) => void)[] = []
  const call = () =>
    new Promise((resolve) => {
      asked.push((items, next) =>
        resolve({ items, next: next ?? null, state: { seenSeq: 0, change: 0, preferencesRev: 0 } }),
      )
    })
  const store = new NotificationStore({
    http: { call } as unknown as HttpApi,
    isoNow: () => '2026-01-01T00:00:00.000Z',
    onError: (error) => {
      throw error
    },
  })
  return { store, asked, titles: () => store.list.get().items.map(({ title }) => title) }
}

function entryOf({ created_at: createdAt, ...wire }: WireNotification): Notification {
  return { ...wire, createdAt, readAt: null, archivedAt: null }
}

describe('the notification feed', () => {
  test('keeps what came while its first page, which is empty, was on its way', async () => {
    const { store, asked, titles } = feed()
    const loading = store.load()
    store.apply(OFFER)
    asked[0]!([])
    await loading
    expect(titles()).toEqual(['An offer'])
  })

  test('whose page is from before the badge is loaded once more', async () => {
    const { store, asked, titles } = feed()
    const loading = store.load()
    store.agreeWith(1)
    asked[0]!([])
    await expect.poll(() => asked).toHaveLength(2)
    asked[1]!([entryOf(OFFER)])
    await loading
    expect(titles()).toEqual(['An offer'])
    expect(asked).toHaveLength(2)
  })

  test('of more entries than a page holds shows a new one, wherever the unread ones are', async () => {
    const { store, asked, titles } = feed()
    store.agreeWith(60)
    const loading = store.load()
    asked[0]!([entryOf(OFFER)], 'older')
    await loading
    store.agreeWith(60)
    expect(asked).toHaveLength(1)
    store.agreeWith(61)
    expect(asked).toHaveLength(2)
    asked[1]!([entryOf(NEWER), entryOf(OFFER)], 'older')
    await expect.poll(titles).toEqual(['A newer offer', 'An offer'])
    store.agreeWith(61)
    const more = store.loadMore()
    asked[2]!([entryOf(OLDER)], 'oldest')
    await more
    store.agreeWith(61)
    expect(titles()).toEqual(['A newer offer', 'An offer', 'An older offer'])
    expect(asked).toHaveLength(3)
  })

  test('whose newest page is wanted while another is on its way is loaded after it', async () => {
    const { store, asked, titles } = feed()
    const loading = store.load()
    asked[0]!([entryOf(OFFER)], 'older')
    await loading
    const more = store.loadMore()
    const anew = store.load()
    store.refresh()
    asked[1]!([entryOf(OLDER)], 'oldest')
    await expect.poll(() => asked).toHaveLength(3)
    asked[2]!([entryOf(NEWER), entryOf(OFFER)], 'older')
    await Promise.all([more, anew])
    expect(titles()).toEqual(['A newer offer', 'An offer'])
    expect(asked).toHaveLength(3)
  })
})
