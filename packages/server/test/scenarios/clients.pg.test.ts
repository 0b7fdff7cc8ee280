import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SyncAnswer, UserId } from '@tally/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { recountAll } from '../../test-support/oracle.ts'
import { SyncClient } from '../rooms/sync-client.ts'
import { BadgeStorm } from './badge-storm.ts'
import { askSync } from './http-sync.ts'
import { ListeningClient } from './listening-client.ts'
import { RegisterClient } from './register-client.ts'
import { World } from './scenario-world.ts'
import { Chance, SEED } from './seeded.ts'

/** A storm is no attack. */
const NO_LIMITS = {
  TALLY_SENDS_PER_SECOND: '10000',
  TALLY_SEND_BURST: '10000',
  TALLY_EVENTS_PER_SECOND: '10000',
  TALLY_JOINS_PER_SECOND: '10000',
  TALLY_REQUESTS_PER_SECOND: '10000',
  TALLY_REQUEST_BURST: '10000',
  // More totals to look at.
  BADGE_DEBOUNCE_DELAY: '5',
}

describe.each(DEPLOYMENTS)('what clients see, on %s', (database) => {
  const tally = useDeployment(database, NO_LIMITS)
  afterEach(() => tally().closeClients())
  const world = () => new World(tally())

  test.each([SEED, SEED + 1])(
    '[16] the sum of the shown room badges is the total at every rev a listening client sees (seed %i)',
    async (seed) => {
      const w = world()
      const storm = await BadgeStorm.over(w, new Chance(seed))
      const device = await w.device('mina')
      const listener = await ListeningClient.on(device)
      await storm.blow(300)
      await storm.calm()
      await device.settled()
      expect(listener.violations).toEqual([])
      // A busy machine tells many changes at once.
      expect(listener.totals).toBeGreaterThan(5)

      const truth = (await recountAll(tally().ctx.db)).get(w.person('mina'))
      expect(listener.badge).toMatchObject({
        totalUnreadCount: truth?.total,
        unreadRooms: truth?.unreadRooms,
      })
      const { items } = await w.ask('GET', '/v1/rooms?limit=100', { as: 'mina' })
      const unread = new Map(
        items.map(({ id, me }: { id: string; me: { unread: number } }) => [id, me.unread]),
      )
      expect(new Map([...listener.rows].map(([roomId, row]) => [roomId, row.unread]))).toEqual(unread)
      await w.expectExact('mina', 'joon', 'sora')
    },
    60_000,
  )

  test.each([SEED])(
    '[16] the same after every sync of a client that asks again and again (seed %i)',
    async (seed) => {
      const w = world()
      const storm = await BadgeStorm.over(w, new Chance(seed))
      const client = new SyncClient(tally().ctx, { userId: w.person('mina') as UserId })
      let isOver = false
      const differences: string[] = []
      const asking = (async () => {
        while (!isOver) {
          await nextTurn()
          await client.sync()
          const { total, unreadRooms } = client.badge ?? {}
          const counting = [...client.rooms.values()].filter(
            ({ me }) => !me.muted && !me.archived && me.unread > 0,
          )
          const sum = counting.reduce((unread, { me }) => unread + me.unread, 0)
          if (sum !== total || counting.length !== unreadRooms) {
            differences.push(
              `at ${client.rev}: ${sum} in ${counting.length} rooms, the badge ${total} in ${unreadRooms}`,
            )
          }
        }
      })()
      try {
        await storm.blow(300)
        await storm.calm()
      } finally {
        isOver = true
        await asking
      }
      expect(differences).toEqual([])
      await w.expectExact('mina')
    },
    60_000,
  )

  test('[18] the same message over HTTP sync and over the socket counts once, in whatever order they are heard', async () => {
    const w = world()
    const [open, closed] = await Promise.all([w.room('a', 'b'), w.room('a', 'b')])
    const device = await w.device('a')
    await device.call('join-room', { roomId: open, read: false })
    const asking = new RegisterClient()
    const answers: SyncAnswer[] = []
    for (const roomId of [open, closed]) asking.watch(roomId)
    device.forget()
    for (let index = 1; index <= 10; index += 1) {
      await Promise.all([w.send('b', open, `open ${index}`), w.send('b', closed, `closed ${index}`)])
      const answer = await askSync(w, 'a', asking)
      answers.push(answer)
      asking.answer(answer)
    }
    await device.settled()
    const heard = [...device.heard]
    expect(device.all('new-message')).toHaveLength(10)
    expect(answers.every(({ messages }) => Object.keys(messages).length > 0)).toBe(true)

    type Step = (client: RegisterClient) => void
    const frames: Step[] = heard.map(
      ({ event, payload }) =>
        (client) =>
          client.hear(event, payload),
    )
    const syncs: Step[] = answers.map((answer) => (client) => client.answer(answer))
    const orders: Record<string, Step[]> = {
      'the socket first': [...frames, ...syncs],
      'the sync first': [...syncs, ...frames],
      'everything twice': [...syncs, ...frames, ...frames, ...syncs],
      'the answers backwards': [...frames, ...syncs.toReversed()],
      'in turn': syncs.flatMap((sync, index) => [sync, ...frames.slice(index * 3)]),
    }
    for (const [order, steps] of Object.entries(orders)) {
      const client = new RegisterClient()
      for (const step of steps) step(client)
      const { total, unreadRooms } = client.badge ?? {}
      const unread = [open, closed].map((roomId) => client.rows.get(roomId)?.unread ?? 0)
      expect({ order, total, unreadRooms, unread }).toEqual({
        order,
        total: 10,
        unreadRooms: 1,
        unread: [0, 10],
      })
      for (const [name, roomId] of Object.entries({ open, closed })) {
        const texts = client.messagesOf(roomId).map(({ text }) => text)
        expect(texts, order).toEqual(Array.from({ length: 10 }, (_, index) => `${name} ${index + 1}`))
      }
    }
    await w.ask('GET', '/v1/badge', { as: 'a' }).then((badge) => expect(badge).toMatchObject({ total: 10 }))
  })
})
