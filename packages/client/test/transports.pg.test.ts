import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Tally, TallyOptions } from '../src/tally.ts'
import { FrontProxy } from './front-proxy.ts'
import { TestServer } from './test-server.ts'
import { until } from './until.ts'

const EVENTUALLY = { timeout: 15_000 }

describe.each(['pglite', 'postgres'] as const)('a client behind a proxy, on %s', (kind) => {
  let server: TestServer
  let proxy: FrontProxy
  beforeAll(async () => {
    server = await TestServer.start(kind)
  })
  beforeEach(async () => {
    proxy = await FrontProxy.start(server.url)
  })
  afterEach(async () => {
    await server.endRound()
    await proxy.stop()
  })
  afterAll(() => server.remove())

  const client = (name: string, options: Partial<TallyOptions> = {}): Tally =>
    server.client(name, { url: proxy.url, ...options })

  async function expectConversation(ann: Tally): Promise<void> {
    const roomId = await server.room('ann', 'ben')
    const ben = await server.signIn('ben')
    const room = ann.room(roomId)
    const close = room.open()
    await until(room.messages, ({ loading }) => !loading)
    ben.room(roomId).send('can you hear me?')
    await until(room.messages, ({ items: [first] }) => first?.state === 'sent')
    room.send('loud and clear')
    await until(ben.room(roomId).state, (state) => state?.seq === 2)
    close()
  }

  test('talks by polling where WebSockets are refused at once, and by WebSocket as soon as they pass', async () => {
    proxy.upgrades = 'refuse'
    const ann = client('ann')
    ann.start()
    await until(ann.connection, ({ state, transport }) => state === 'polling' && transport === 'polling')
    await expectConversation(ann)
    proxy.upgrades = 'pass'
    await until(ann.connection, ({ state, transport }) => state === 'live' && transport === 'websocket')
    await expectConversation(ann)
  })

  test('talks by polling where nobody answers a WebSocket', async () => {
    proxy.upgrades = 'ignore'
    const ann = client('ann')
    ann.start()
    await until(ann.connection, ({ state }) => state === 'polling')
    await expectConversation(ann)
  })

  test('falls to polling in the middle, and loses and doubles nothing on the way there and back', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = [client('ann'), await server.signIn('ben')]
    ann.start()
    const room = ann.room(roomId)
    room.open()
    await until(ann.connection, ({ state }) => state === 'live')
    const states: string[] = []
    ann.connection.subscribe(() => states.push(ann.connection.get().state))
    for (const upgrades of ['refuse', 'pass'] as const) {
      proxy.upgrades = upgrades
      proxy.cut()
      for (let index = 0; index < 10; index++) {
        room.send(`ann ${upgrades} ${index}`)
        ben.room(roomId).send(`ben ${upgrades} ${index}`)
      }
      await until(ann.connection, ({ state }) => state === (upgrades === 'pass' ? 'live' : 'polling'))
    }
    const { items } = await until(
      room.messages,
      (list) => list.items.length === 40 && list.items.every(({ state }) => state === 'sent'),
    )
    expect(items.map((item) => (item.state === 'sent' ? item.seq : 0))).toEqual(items.map((_, at) => at + 1))
    expect(items.map(({ text }) => text).filter((text) => text.startsWith('ann'))).toEqual(
      ['refuse', 'pass'].flatMap((upgrades) =>
        Array.from({ length: 10 }, (_, index) => `ann ${upgrades} ${index}`),
      ),
    )
    expect(states).toContain('polling')
    expect(await ann.explain()).toMatchObject({ verdict: 'exact' })
  })

  test('asks in intervals where a host does not let requests wait, and is told 304 while nothing is new', async () => {
    const ann = client('ann', { transport: 'polling', longPoll: false })
    ann.start()
    await until(ann.connection, ({ state }) => state === 'polling')
    const polls = () => proxy.passed.filter((line) => /^GET \/v1\/sync\?.*since=/.test(line))
    await vi.waitUntil(() => polls().length >= 2, EVENTUALLY)
    const settled = polls().slice(1)
    expect(settled.every((line) => line.endsWith(' 304'))).toBe(true)
    expect(settled.some((line) => line.includes('wait='))).toBe(false)
    await expectConversation(ann)
  })

  test('asks nothing while nobody looks, and at once when somebody does', async () => {
    const ann = client('ann', { transport: 'polling', longPoll: false })
    ann.start()
    await until(ann.connection, ({ state }) => state === 'polling')
    const polls = () => proxy.passed.filter((line) => line.startsWith('GET /v1/sync')).length
    await vi.waitUntil(() => polls() >= 2, EVENTUALLY)
    ann.setVisible(false)
    const roomId = await server.room('ann', 'ben')
    const ben = await server.signIn('ben')
    ben.room(roomId).send('are you there?')
    await until(ben.room(roomId).state, (state) => state?.seq === 1)
    const asked = polls()
    // Somebody else's polls show that time passes.
    const cho = client('cho', { transport: 'polling', longPoll: false })
    cho.start()
    await vi.waitUntil(() => polls() >= asked + 3, EVENTUALLY)
    await cho.stop()
    expect(ann.badge.get()?.total).toBe(0)
    ann.setVisible(true)
    await until(ann.badge, (badge) => badge?.total === 1)
  })

  test('says how many have the room open, as soon as that changes and although nothing else does', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = [client('ann', { transport: 'polling', longPoll: false }), await server.signIn('ben')]
    const active = (count: number) =>
      vi.waitUntil(() => ann.connection.get().activeUsers === count, { timeout: 30_000 })
    ann.start()
    const close = ann.room(roomId).open()
    await active(1)
    const benCloses = ben.room(roomId).open()
    await active(2)
    benCloses()
    await active(1)
    close()
    await active(0)
  }, 150_000)

  test('goes on saying how many where a proxy keeps that to itself while nothing is new', async () => {
    const roomId = await server.room('ann', 'ben')
    let unmoved = 0
    const curt: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init)
      if (answer.status !== 304) return answer
      unmoved++
      const etag = answer.headers.get('etag') ?? ''
      return new Response(null, { status: 304, headers: { etag } })
    }
    const ann = client('ann', { transport: 'polling', longPoll: false, fetch: curt })
    ann.start()
    const close = ann.room(roomId).open()
    await vi.waitUntil(() => ann.connection.get().activeUsers === 1, EVENTUALLY)
    const said = new Set<number | null>()
    ann.connection.subscribe(() => said.add(ann.connection.get().activeUsers))
    const before = unmoved
    await vi.waitUntil(() => unmoved >= before + 2, { timeout: 30_000 })
    expect([ann.connection.get().activeUsers, ...said]).not.toContain(0)
    expect(ann.connection.get().activeUsers).toBe(1)
    close()
  }, 60_000)

  test('goes offline with the network and comes back with it, at once', async () => {
    const ann = client('ann')
    ann.start()
    await until(ann.connection, ({ state }) => state === 'live')
    ann.setOnline(false)
    expect(ann.connection.get()).toMatchObject({ state: 'offline', transport: null })
    const roomId = await server.room('ann', 'ben')
    ann.room(roomId).send('written in a tunnel')
    ann.setOnline(true)
    await until(ann.connection, ({ state }) => state === 'live')
    await until(ann.room(roomId).state, (state) => state?.seq === 1)
  })

  test('takes the other transport when told so', async () => {
    const ann = client('ann')
    ann.start()
    await until(ann.connection, ({ state }) => state === 'live')
    ann.setTransport('polling')
    await until(ann.connection, ({ state }) => state === 'polling')
    await expectConversation(ann)
    ann.setTransport('websocket')
    await until(ann.connection, ({ state }) => state === 'live')
  })

  test('stays away when its session was ended while it polled', async () => {
    const ann = client('ann', { transport: 'polling' })
    ann.start()
    await until(ann.connection, ({ state }) => state === 'polling')
    await server.asHost('POST', '/v1/sessions/revoke', { userId: server.id('ann') })
    const { error } = await until(ann.connection, ({ state }) => state === 'closed')
    expect(error).toMatchObject({ code: 'session_revoked' })
  })

  test('gets a fresh token when its own expires while it polls', async () => {
    const tokens = vi.fn(async () =>
      server.token('ann', { secondsLeft: tokens.mock.calls.length === 1 ? 2 : 3_600 }),
    )
    const ann = client('ann', { transport: 'polling', longPoll: false, token: tokens })
    ann.start()
    await until(ann.connection, ({ state }) => state === 'polling')
    await vi.waitUntil(() => tokens.mock.calls.length === 2, EVENTUALLY)
    await expectConversation(ann)
    expect(ann.connection.get().state).toBe('polling')
  })
})
