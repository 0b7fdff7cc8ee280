import { afterEach, describe, expect, test } from 'vitest'
import { createTally, type Tally } from '../../../client/src/index.ts'
import { until } from '../../../client/test/until.ts'
import { AppClient } from '../../test-support/app-client.ts'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { BreakableNetwork } from './breakable-network.ts'
import { askSync, catchUp } from './http-sync.ts'
import { RegisterClient } from './register-client.ts'
import { World } from './scenario-world.ts'

const OLD_MESSAGES = 12

describe.each(DEPLOYMENTS)('connections that break, on %s', (database) => {
  const tally = useDeployment(database, { TALLY_SENDS_PER_SECOND: '1000', TALLY_REQUESTS_PER_SECOND: '1000' })
  const networks: BreakableNetwork[] = []
  const devices: AppClient[] = []
  const clients: Tally[] = []
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.stop()))
    for (const device of devices.splice(0)) device.close()
    await Promise.all(networks.splice(0).map((network) => network.close()))
  })
  const network = async (): Promise<BreakableNetwork> => {
    const made = await BreakableNetwork.to(tally().url)
    networks.push(made)
    return made
  }

  test('[22] messages before, during and after a reconnect: no gap and no duplicate, in old rooms too; edits and deletes arrive', async () => {
    const w = new World(tally())
    const way = await network()
    const [open, ...old] = await Promise.all([w.room('b', 'a'), w.room('b', 'a'), w.room('b', 'a')])
    const rooms = [open, ...old] as string[]
    await Promise.all(rooms.map((roomId) => w.sendMany('b', roomId, OLD_MESSAGES)))

    const client = new RegisterClient()
    for (const roomId of rooms) client.watch(roomId)
    const device = new AppClient(way.url, { reconnection: true })
    devices.push(device)
    client.listenTo(device)
    await introduce(w, device, rooms[0] as string)
    await catchUp(w, 'a', client)

    const stream = new Stream(w, rooms)
    await stream.flowed(2)
    way.cut()
    await device.next('disconnect')
    for (const [index, roomId] of rooms.entries()) {
      await w.ask('PATCH', `/v1/rooms/${roomId}/messages/${2 + index}`, {
        as: 'b',
        body: { text: 'edited meanwhile' },
      })
      await w.ask('DELETE', `/v1/rooms/${roomId}/messages/${6 + index}`, { as: 'b' })
    }
    await stream.flowed(2)
    const heardBefore = device.all('new-message').length
    const head = await introduce(w, device, rooms[0] as string)
    client.answer(await askSync(w, 'a', client))
    for (const roomId of rooms) {
      await w.ask('PATCH', `/v1/rooms/${roomId}/messages/1`, { as: 'b', body: { text: 'edited afterwards' } })
    }
    await stream.flowed(2)
    await stream.stop()
    await device.settled()
    await catchUp(w, 'a', client)

    // What the socket alone brought since it was back: everything above the head it was told, once and in order.
    const since = device.all('new-message').slice(heardBefore)
    expect(since.map(({ seq }) => seq)).toEqual(since.map((_, index) => head + 1 + index))
    expect(since.length).toBeGreaterThan(0)
    for (const roomId of rooms) {
      const messages = await listed(w, roomId)
      expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1))
      expect(client.messagesOf(roomId)).toEqual(messages)
      expect(messages.filter(({ text }) => text.startsWith('edited'))).toHaveLength(2)
      expect(messages.filter(({ deleted }) => deleted)).toHaveLength(1)
    }
    const { total, unreadRooms } = await w.badge('a')
    expect(client.badge).toMatchObject({ total, unreadRooms })
    await device.call('leave-room', rooms[0])
    await w.expectExact('a', 'b')
  }, 60_000)

  test('[22] the same with the SDK: what it shows after its connection broke is what there is', async () => {
    const w = new World(tally())
    const way = await network()
    const rooms = await Promise.all([w.room('b', 'a'), w.room('b', 'a'), w.room('b', 'a')])
    const [open, seenBefore] = rooms as [string, string, string]
    await Promise.all(rooms.map((roomId) => w.sendMany('b', roomId, OLD_MESSAGES)))
    const client = createTally({
      url: way.url,
      token: () => tally().token(w.person('a')),
      random: () => Math.random() / 20,
    })
    clients.push(client)
    client.start()
    await until(client.connection, ({ state }) => state === 'live')
    const close = client.room(seenBefore as never).open()
    await until(client.room(seenBefore as never).messages, ({ items }) => items.length === OLD_MESSAGES)
    close()
    client.room(open as never).open()

    const stream = new Stream(w, rooms)
    for (let round = 1; round <= 3; round += 1) {
      await stream.flowed(2)
      way.cut()
      await until(client.connection, ({ state }) => state !== 'live')
      for (const roomId of rooms) {
        const message = `/v1/rooms/${roomId}/messages/${round}`
        await w.ask('PATCH', message, { as: 'b', body: { text: `edited in round ${round}` } })
        await w.ask('DELETE', `/v1/rooms/${roomId}/messages/${round + 5}`, { as: 'b' })
      }
      await stream.flowed(1)
      await until(client.connection, ({ state }) => state === 'live')
    }
    await stream.stop()

    for (const roomId of [open, seenBefore]) {
      const room = client.room(roomId as never)
      room.open()
      const messages = await listed(w, roomId)
      await until(room.messages, ({ loading, items }) => !loading && items.length > 0)
      while (room.messages.get().hasAfter) await room.loadAfter()
      while (room.messages.get().hasBefore) await room.loadBefore()
      await until(room.messages, ({ items }) => {
        const shown = items.map((item) => ({
          seq: item.state === 'sent' ? item.seq : 0,
          text: item.text,
          deleted: item.state === 'sent' && item.deletedAt !== undefined,
        }))
        return JSON.stringify(shown) === JSON.stringify(messages)
      })
    }
    const unread = await w.total('a')
    await until(client.badge, (badge) => badge?.total === unread)
    await until(client.rooms, ({ items }) => items.reduce((sum, { me }) => sum + me.unread, 0) === unread)
    expect((await client.explain()).verdict).toBe('exact')
  }, 60_000)
})

/** What an app does on every connection. @returns the head of the room it opens. */
async function introduce(w: World, device: AppClient, roomId: string): Promise<number> {
  await device.next('connect')
  device.emit('authenticate', await w.tally.token(w.person('a')))
  await device.next('authenticated')
  await device.call('join-room', { roomId, read: false })
  return (await device.next('joined-room')).seq
}

/** Everything in the room, as a list of its messages says. */
async function listed(w: World, roomId: string): Promise<{ seq: number; text: string; deleted: boolean }[]> {
  const items: { seq: number; text: string; deletedAt?: string }[] = []
  for (let more = true; more; ) {
    const page = await w.ask(
      'GET',
      `/v1/rooms/${roomId}/messages?after=${items.at(-1)?.seq ?? 0}&limit=100`,
      { as: 'a' },
    )
    items.push(...page.items)
    more = page.hasAfter
  }
  return items.map(({ seq, text, deletedAt }) => ({ seq, text, deleted: deletedAt !== undefined }))
}

/** Somebody who writes into all of the rooms without a pause, whatever happens to the others' connections. */
class Stream {
  readonly #world: World
  readonly #rooms: readonly string[]
  readonly #flowing: Promise<void>
  #isOver = false
  #rounds = 0
  #wakes: (() => void)[] = []

  constructor(world: World, rooms: readonly string[]) {
    this.#world = world
    this.#rooms = rooms
    this.#flowing = this.#flow()
  }

  /** So many more messages are in every room. */
  async flowed(rounds: number): Promise<void> {
    const until = this.#rounds + rounds
    while (this.#rounds < until)
      await Promise.race([this.#flowing, new Promise<void>((wake) => this.#wakes.push(wake))])
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#flowing
  }

  async #flow(): Promise<void> {
    while (!this.#isOver) {
      await Promise.all(
        this.#rooms.map((roomId) => this.#world.send('b', roomId, `in the stream ${this.#rounds}`)),
      )
      this.#rounds += 1
      for (const wake of this.#wakes.splice(0)) wake()
    }
  }
}
