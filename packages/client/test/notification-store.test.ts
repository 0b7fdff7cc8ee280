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

/** A feed whose pages come when the test says so. */
function feed() {
  const asked: ((items: readonly Notification[]) => void)[] = []
  const call = () =>
    new Promise((resolve) => {
      asked.push((items) =>
        resolve({ items, next: null, state: { seenSeq: 0, change: 0, preferencesRev: 0 } }),
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
    await loading
    expect(asked).toHaveLength(2)
    asked[1]!([entryOf(OFFER)])
    await expect.poll(titles).toEqual(['An offer'])
    expect(asked).toHaveLength(2)
  })
})
