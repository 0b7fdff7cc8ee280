import { afterEach, describe, expect, test } from 'vitest'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { World } from './scenario-world.ts'
import { Chance, SEED } from './seeded.ts'

const ROUNDS = 25
const AT_ONCE = 5

describe.each(DEPLOYMENTS)('the notification feed, on %s', (database) => {
  const tally = useDeployment(database, { TALLY_REQUESTS_PER_SECOND: '10000', TALLY_REQUEST_BURST: '10000' })
  afterEach(() => tally().closeClients())

  test.each([SEED])(
    '[25] the notification badge and the notification list never disagree (seed %i)',
    async (seed) => {
      const w = new World(tally())
      const chance = new Chance(seed)
      const roomId = await w.room('b', 'a')
      const device = await w.device('a')
      const feed = new Feed(w, 'a')
      let heard = 0
      for (let round = 0; round < ROUNDS; round += 1) {
        const unread = await feed.unreadIds()
        await Promise.all(
          Array.from({ length: AT_ONCE }, () =>
            chance.weighted([
              [5, () => feed.create()],
              [3, () => feed.read({ ids: [chance.pick([...unread, ANOTHER])] })],
              [1, () => feed.read({ ids: [...unread.filter(() => chance.is(0.5)), ANOTHER] })],
              [1, () => feed.read({ all: true })],
              [2, () => feed.archive({ ids: [chance.pick([...unread, ANOTHER])], archived: true })],
              [1, () => feed.archive({ ids: unread.slice(0, 3), archived: chance.is(0.7) })],
              [1, () => feed.archive({ allRead: true })],
              [1, () => feed.see()],
              // What is said in rooms never enters the feed.
              [2, () => w.send('b', roomId, `message ${round}`)],
            ])(),
          ),
        )
        const { length } = await feed.unreadIds()
        expect(await feed.counts()).toEqual({
          badge: length,
          list: length,
          installed: length,
          unreadInAll: length,
        })
        await device.settled()
        const frames = device.all('total-unread-count-updated')
        expect(frames.at(-1)?.notifications).toBe(length)
        heard = frames.length
      }
      expect(heard).toBeGreaterThan(ROUNDS)
      await w.expectExact('a', 'b')
    },
  )

  test('[25] the first notifications of somebody, several at the same time: every one is there and counts', async () => {
    const w = new World(tally())
    const names = Array.from({ length: 20 }, (_, index) => `newcomer-${index}`)
    await w.room(...(names as [string, string, ...string[]]))
    for (const name of names) {
      const feed = new Feed(w, name)
      await Promise.all(Array.from({ length: 4 }, () => feed.create()))
      expect(await feed.counts()).toEqual({ badge: 4, list: 4, installed: 4, unreadInAll: 4 })
    }
    await w.expectExact(...(names as [string, ...string[]]))
  })

  test('[25] archived here, read there and brought back at the same time: nothing counts twice, and nothing archived counts', async () => {
    const w = new World(tally())
    const feed = new Feed(w, 'a')
    await w.room('a', 'b')
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 4 }, () => feed.create()))
      const ids = await feed.unreadIds()
      const done = await Promise.all([
        ...ids.slice(1).map((id) => feed.archive({ ids: [id], archived: true })),
        feed.archive({ ids: ids.slice(1), archived: true }),
        feed.read({ ids: ids.slice(1, 3) }),
        feed.archive({ allRead: true }),
      ])
      expect(done.reduce((sum, { read }) => sum + read, 0)).toBe(ids.length - 1)
      expect(await feed.counts()).toEqual({ badge: 1, list: 1, installed: 1, unreadInAll: 1 })
      await feed.archive({ ids, archived: false })
      expect(await feed.counts()).toMatchObject({ badge: 1, list: 1 })
      await feed.read({ all: true })
    }
    await w.expectExact('a')
  })

  test('[25] read one by one on one device and all at once on the other: never below zero, nothing twice', async () => {
    const w = new World(tally())
    const feed = new Feed(w, 'a')
    await w.room('a', 'b')
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 4 }, () => feed.create()))
      const ids = await feed.unreadIds()
      const reads = await Promise.all([
        ...ids.map((id) => feed.read({ ids: [id] })),
        feed.read({ all: true }),
        feed.read({ ids }),
      ])
      expect(reads.reduce((sum, { read }) => sum + read, 0)).toBe(ids.length)
      expect(await feed.counts()).toEqual({ badge: 0, list: 0, installed: 0, unreadInAll: 0 })
    }
    await w.expectExact('a')
  })
})

/** An id of nobody's entry: unknown ones change nothing. */
const ANOTHER = '01990000-0000-7000-8000-000000000000'

/** Somebody's feed, by every way that tells of it. */
class Feed {
  readonly #world: World
  readonly #name: string
  #created = 0

  constructor(world: World, name: string) {
    this.#world = world
    this.#name = name
  }

  create(): Promise<unknown> {
    this.#created += 1
    const userIds = [this.#world.person(this.#name)]
    const body = { userIds, type: 'offer', title: `Offer ${this.#created}`, content: 'come and see' }
    return this.#world.ask('POST', '/v1/notifications', { body })
  }

  read(body: object): Promise<{ read: number }> {
    return this.#world.ask('POST', '/v1/notifications/read', { as: this.#name, body })
  }

  /** None is as good as one that is not there. */
  archive(body: { ids: string[]; archived: boolean } | { allRead: true }): Promise<{ read: number }> {
    const named = 'ids' in body && body.ids.length === 0 ? { ...body, ids: [ANOTHER] } : body
    return this.#world.ask('POST', '/v1/notifications/archive', { as: this.#name, body: named })
  }

  see(): Promise<unknown> {
    return this.#world.ask('POST', '/v1/notifications/seen', { as: this.#name, body: {} })
  }

  async unreadIds(): Promise<string[]> {
    return (await this.#list('&unread=true')).map(({ id }) => id)
  }

  /** How many are unread: as the badge says, the list of unread ones, installed clients' list, and the whole list. */
  async counts() {
    const [badge, unread, installed, all] = await Promise.all([
      this.#world.badge(this.#name),
      this.#list('&unread=true'),
      this.#world.ask('GET', '/api/notifications/unread', { as: this.#name }),
      this.#list(''),
    ])
    expect(installed.notifications.length).toBe(Math.min(installed.count, 100))
    return {
      badge: badge.notifications,
      list: unread.length,
      installed: installed.count,
      unreadInAll: all.filter(({ readAt }) => readAt === null).length,
    }
  }

  async #list(query: string): Promise<{ id: string; readAt: string | null }[]> {
    const items: { id: string; readAt: string | null }[] = []
    let cursor = ''
    do {
      const page = await this.#world.ask('GET', `/v1/notifications?limit=20${query}${cursor}`, {
        as: this.#name,
      })
      items.push(...page.items)
      cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`
    } while (cursor !== '')
    return items
  }
}
