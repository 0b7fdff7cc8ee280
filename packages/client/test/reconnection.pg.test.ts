import { RequestError, type Seq } from '@tally/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ProviderFactory, RealtimeProvider } from '../src/provider.ts'
import { WebSocketProvider } from '../src/websocket-provider.ts'
import { TestServer } from './test-server.ts'
import { until } from './until.ts'

describe.each(['pglite', 'postgres'] as const)('a client that loses its server on %s', (kind) => {
  let server: TestServer
  beforeAll(async () => {
    server = await TestServer.start(kind)
  })
  afterEach(() => server.endRound())
  afterAll(() => server.remove())

  test('sends what was written meanwhile once, in order, after the server is back', async () => {
    const roomId = await server.room('ann', 'ben')
    const ann = await server.signIn('ann')
    const room = ann.room(roomId)
    room.open()
    await until(room.messages, ({ loading }) => !loading)
    room.send('before')
    await until(room.messages, ({ items: [first] }) => first?.state === 'sent')

    await server.stop()
    await until(ann.connection, ({ state }) => state === 'offline')
    const written = Array.from({ length: 10 }, (_, index) => `written offline ${index}`)
    const pending = written.map((text) => room.send(text))
    expect(room.messages.get().items.slice(1)).toEqual(pending)

    await server.startAgain()
    const { items } = await until(room.messages, (list) => list.items.every(({ state }) => state === 'sent'))
    expect(items.map(({ text }) => text)).toEqual(['before', ...written])
    expect(items.map(({ key }) => key).slice(1)).toEqual(pending.map(({ clientId }) => clientId))

    const ben = await server.signIn('ben')
    ben.room(roomId).open()
    const seen = await until(ben.room(roomId).messages, (list) => list.items.length === 11 && !list.loading)
    expect(seen.items.map(({ text }) => text)).toEqual(['before', ...written])
    expect(await ben.explain()).toMatchObject({ verdict: 'exact' })
  })

  test('sends a message whose answer was lost again with the same clientId: it is there once', async () => {
    const roomId = await server.room('ann', 'ben')
    const providers: LossyProvider[] = []
    const ann = await server.signIn('ann', { provider: lossy(server.url, providers) })
    const room = ann.room(roomId)
    room.open()
    await until(room.messages, ({ loading }) => !loading)
    providers.at(-1)?.loseNextAnswer('send-message')
    const pending = room.send('did it arrive?')
    room.send('and this one after it')
    const { items } = await until(
      room.messages,
      (list) => list.items.length === 2 && list.items.every(({ state }) => state === 'sent'),
    )
    expect(providers).toHaveLength(2)
    expect(items.map(({ text }) => text)).toEqual(['did it arrive?', 'and this one after it'])
    expect(items[0]).toMatchObject({ clientId: pending.clientId, seq: 1 })
    expect(room.state.get()?.seq).toBe(2)
  })

  test('misses nothing that happened while it was away, neither messages nor edits and deletions of old ones', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    const written = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`)
    for (const text of written) ben.room(roomId).send(text)
    ann.room(roomId).open()
    await until(ann.room(roomId).messages, (list) => list.items.length === 30 && !list.loading)

    await ann.stop()
    for (let missed = 31; missed <= 160; missed++) ben.room(roomId).send(`line ${missed}`)
    await until(ben.room(roomId).state, (state) => state?.seq === 160)
    await ben.room(roomId).edit(seq(2), 'line 2, better')
    await ben.room(roomId).delete(seq(3))
    ann.start()
    const { items } = await until(ann.room(roomId).messages, (list) => list.items.length === 160)
    await until(ann.connection, ({ state }) => state === 'live')
    expect(items.map((item) => (item.state === 'sent' ? item.seq : 0))).toEqual(
      items.map((_, index) => index + 1),
    )
    expect(ann.room(roomId).messages.get().items[1]?.text).toBe('line 2, better')
    expect(ann.room(roomId).messages.get().items[2]).toHaveProperty('deletedAt')
    await until(ann.badge, (badge) => badge?.total === 0)
  })

  test('keeps a room marked unread, whatever is read late and however often it reconnects', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, phone, laptop] = await Promise.all([
      server.signIn('ann'),
      server.signIn('ben'),
      server.signIn('ben'),
    ])
    for (const text of ['one', 'two', 'three']) ann.room(roomId).send(text)
    for (const device of [phone, laptop]) {
      device.room(roomId).open()
      await until(device.room(roomId).messages, (list) => list.items.length === 3)
    }
    phone.room(roomId).markRead(seq(3))
    await until(phone.room(roomId).state, (state) => state?.me.readSeq === 3)

    await phone.room(roomId).markUnread(seq(2))
    await until(phone.badge, (badge) => badge?.total === 2)
    await until(laptop.badge, (badge) => badge?.total === 2)
    expect(phone.room(roomId).messages.get().firstUnreadSeq).toBe(2)
    // Both still look at the room; scrolling, focus and reconnecting must not read it.
    phone.room(roomId).markRead(seq(3))
    laptop.room(roomId).markRead(seq(3))
    phone.setVisible(false)
    phone.setVisible(true)
    await server.stop()
    await Promise.all(
      [phone, laptop].map((device) => until(device.connection, ({ state }) => state === 'offline')),
    )
    await server.startAgain()
    await Promise.all(
      [phone, laptop].map((device) => until(device.connection, ({ state }) => state === 'live')),
    )
    phone.room(roomId).markRead(seq(3))
    laptop.room(roomId).markRead(seq(3))
    ann.room(roomId).send('four')
    await Promise.all([phone, laptop].map((device) => until(device.badge, (badge) => badge?.total === 3)))
    // What comes is shown all the same to those who still look.
    await until(phone.room(roomId).messages, (list) => list.items.length === 4)

    phone.room(roomId).open()()
    const reopened = await server.signIn('ben')
    const close = reopened.room(roomId).open()
    await until(reopened.room(roomId).messages, (list) => list.items.length === 4)
    reopened.room(roomId).markRead(seq(4))
    await until(phone.badge, (badge) => badge?.total === 0)
    close()
  })

  test('tells offline what it read there, and settles to the truth', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    ann.room(roomId).send('one')
    ann.room(roomId).send('two')
    ben.room(roomId).open()
    await until(ben.room(roomId).messages, (list) => list.items.length === 2)
    await server.stop()
    await until(ben.connection, ({ state }) => state === 'offline')
    ben.room(roomId).markRead(seq(2))
    await server.startAgain()
    await until(ben.room(roomId).state, (state) => state?.me.readSeq === 2)
    await until(ben.badge, (badge) => badge?.total === 0)
    expect(await ben.explain()).toMatchObject({ verdict: 'exact' })
  })

  test('shows a fresh token over the same connection when its own expires', async () => {
    const tokens = vi.fn(async () =>
      server.token('ann', { secondsLeft: tokens.mock.calls.length === 1 ? 2 : 3_600 }),
    )
    const states: string[] = []
    const ann = server.client('ann', { token: tokens })
    ann.connection.subscribe(() => states.push(ann.connection.get().state))
    ann.start()
    await until(ann.connection, ({ state }) => state === 'live')
    await vi.waitUntil(() => tokens.mock.calls.length === 2, { timeout: 15_000 })
    const roomId = await server.room('ann', 'ben')
    ann.room(roomId).send('still here')
    await until(ann.room(roomId).state, (state) => state?.seq === 1)
    expect([...new Set(states)]).toEqual(['connecting', 'catching-up', 'live'])
  })

  test('asks for a sign-in when the token is refused and there is no better one', async () => {
    const expired = server.client('ann', { token: server.token('ann', { secondsLeft: -60 }) })
    expired.start()
    const { error } = await until(expired.connection, ({ state }) => state === 'needs-auth')
    expect(error).toMatchObject({ code: 'token_expired' })
    const tokens = vi.fn(async () =>
      server.token('ann', { secondsLeft: tokens.mock.calls.length === 1 ? -60 : 3_600 }),
    )
    const renewed = server.client('ann', { token: tokens })
    renewed.start()
    await until(renewed.connection, ({ state }) => state === 'live')
    expect(tokens).toHaveBeenCalledTimes(2)
  })

  test('stays away when its session was ended', async () => {
    const ann = await server.signIn('ann')
    await server.asHost('POST', '/v1/sessions/revoke', { userId: server.id('ann') })
    const { error } = await until(ann.connection, ({ state }) => state === 'closed')
    expect(error).toMatchObject({ code: 'session_revoked' })
  })

  test('comes back by itself, with rooms and badge as they are then', async () => {
    const ann = await server.signIn('ann')
    await until(ann.badge, (badge) => badge?.total === 0)
    await server.stop()
    await until(ann.connection, ({ state }) => state === 'offline')
    await server.startAgain()
    const ben = await server.signIn('ben')
    const { id } = await ben.createRoom({ kind: 'direct', memberIds: [server.id('ann')] })
    ben.room(id).send('welcome back')
    await until(ann.badge, (badge) => badge?.total === 1)
    await until(ann.rooms, ({ items }) => items[0]?.id === id)
  })
})

const seq = (place: number): Seq => place as Seq

/** A real connection on which an answer can get lost together with the connection. */
class LossyProvider extends WebSocketProvider {
  readonly #lose: () => void
  #lost: string | undefined

  constructor(options: ConstructorParameters<typeof WebSocketProvider>[0]) {
    super(options)
    this.#lose = () => options.listener.onLost(new RequestError('unavailable'))
  }

  loseNextAnswer(event: string): void {
    this.#lost = event
  }

  override send: RealtimeProvider['send'] = async (event, payload) => {
    const answer = await super.send(event, payload)
    if (event !== this.#lost) return answer
    this.#lost = undefined
    this.#lose()
    throw new RequestError('unavailable')
  }
}

function lossy(url: string, made: LossyProvider[]): ProviderFactory {
  return (listener) => {
    const provider = new LossyProvider({ url, listener, nowMs: () => performance.now() })
    made.push(provider)
    return provider
  }
}
