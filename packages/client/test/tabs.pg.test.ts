import { RequestError, type Seq } from '@tally/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { isConnected } from '../src/connection-status.ts'
import { type KeyValueStorage, memoryStorage } from '../src/key-value-storage.ts'
import type { ProviderFactory, Transport } from '../src/provider.ts'
import type { TabChannel, TabLocks, TabPlatform } from '../src/tab-platform.ts'
import type { Tally, TallyOptions } from '../src/tally.ts'
import { WebSocketProvider } from '../src/websocket-provider.ts'
import { TestServer } from './test-server.ts'
import { until } from './until.ts'

const EVENTUALLY = { timeout: 15_000 }
const seq = (place: number): Seq => place as Seq

describe('the tabs of one person', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await TestServer.start('pglite')
  })
  afterEach(() => server.endRound())
  afterAll(() => server.remove())

  /** A browser: its tabs have one storage, and find each other by the locks and channels of the platform. */
  class Browser {
    readonly storage: KeyValueStorage = memoryStorage()
    /** Of the connections that were made, in order. */
    readonly transports: Transport[] = []

    get connections(): number {
      return this.transports.length
    }

    tab(name: string, options: Partial<TallyOptions> = {}, { starts = true } = {}): Tab {
      const tab = new Tab()
      const provider: ProviderFactory = (listener, transport) => {
        this.transports.push(transport)
        return new WebSocketProvider({ url: server.url, listener, nowMs: () => performance.now() })
      }
      tab.client = server.client(name, {
        provider,
        storage: this.storage,
        tabPlatform: tab.platform,
        ...options,
      })
      if (starts) tab.client.start()
      return tab
    }
  }

  async function twoTabs(): Promise<{ browser: Browser; first: Tab; second: Tab }> {
    const browser = new Browser()
    const first = browser.tab('ann')
    await until(first.client.connection, isConnected)
    const second = browser.tab('ann')
    await until(second.client.connection, isConnected)
    return { browser, first, second }
  }

  test('have one connection, and see the same over it', async () => {
    const { browser, first, second } = await twoTabs()
    const roomId = await server.room('ann', 'ben')
    const ben = await server.signIn('ben')
    ben.room(roomId).send('hello')
    for (const { client } of [first, second]) await until(client.badge, (badge) => badge?.total === 1)
    const room = second.client.room(roomId)
    room.open()
    await until(room.messages, ({ items: [message] }) => message?.state === 'sent')
    for (const { client } of [first, second]) await until(client.badge, (badge) => badge?.total === 0)
    room.markRead(seq(1))
    await until(first.client.room(roomId).state, (state) => state?.me.readSeq === 1 || state?.me.unread === 0)
    expect(browser.connections).toBe(1)
    expect(second.client.connection.get()).toMatchObject({ state: 'live', transport: 'websocket' })
    expect(await second.client.explain()).toMatchObject({ verdict: 'exact' })
  })

  test('do not wait for one that is not running, whatever it asks over HTTP', async () => {
    const browser = new Browser()
    const never = browser.tab('ann', {}, { starts: false })
    const stopped = browser.tab('ann')
    await until(stopped.client.connection, isConnected)
    await stopped.client.stop()
    for (const { client } of [never, stopped]) expect((await client.fetch('/v1/badge')).status).toBe(200)
    const running = browser.tab('ann')
    await until(running.client.connection, isConnected)
  })

  test('show and send what any of them wrote, once', async () => {
    const { first, second } = await twoTabs()
    const roomId = await server.room('ann', 'ben')
    const rooms = [first, second].map(({ client }) => client.room(roomId))
    for (const room of rooms) {
      room.open()
      await until(room.messages, ({ loading }) => !loading)
    }
    for (let index = 0; index < 10; index++) rooms[index % 2]?.send(`line ${index}`)
    for (const room of rooms) {
      const { items } = await until(
        room.messages,
        (list) => list.items.length === 10 && list.items.every(({ state }) => state === 'sent'),
      )
      expect(new Set(items.map(({ text }) => text)).size).toBe(10)
    }
  })

  test('take back what waits, whichever of them wrote it, and nothing that is on its way', async () => {
    const browser = new Browser()
    const onItsWay = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const slow: ProviderFactory = (listener) => {
      const own = new WebSocketProvider({ url: server.url, listener, nowMs: () => performance.now() })
      const send = own.send.bind(own)
      own.send = async (event, payload) => {
        if (event === 'send-message') {
          onItsWay.resolve()
          await held.promise
        }
        return send(event, payload)
      }
      return own
    }
    const first = browser.tab('ann', { provider: slow })
    await until(first.client.connection, isConnected)
    const second = browser.tab('ann')
    await until(second.client.connection, isConnected)
    const roomId = await server.room('ann', 'ben')
    const [here, there] = [first.client.room(roomId), second.client.room(roomId)]
    there.open()
    await until(there.messages, ({ loading }) => !loading)
    const one = there.send('one')
    const two = there.send('two')
    await onItsWay.promise
    there.discard(one.clientId)
    there.discard(two.clientId)
    for (const { messages } of [here, there]) {
      const { items } = await until(messages, (list) => list.items.every(({ text }) => text !== 'two'))
      expect(items.map(({ text, state }) => `${text} ${state}`)).toEqual(['one sending'])
    }
    held.resolve()
    await until(there.messages, ({ items: [message] }) => message?.state === 'sent')
    expect(there.messages.get().items).toHaveLength(1)
  })

  test('go on when the one that held the connection is closed', async () => {
    const { browser, first, second } = await twoTabs()
    const roomId = await server.room('ann', 'ben')
    await first.client.stop()
    await until(second.client.connection, ({ state }) => state !== 'live')
    second.client.room(roomId).send('still here')
    await until(second.client.room(roomId).state, (state) => state?.seq === 1)
    // What was ended on purpose is no sign that sockets do not hold here.
    expect(browser.transports).toEqual(['websocket', 'websocket'])
  })

  test('send what a tab left behind that crashed before it was sent', async () => {
    const { first, second } = await twoTabs()
    const roomId = await server.room('ann', 'ben')
    first.client.setOnline(false)
    await until(second.client.connection, ({ state }) => state !== 'live')
    second.client.room(roomId).send('one')
    second.client.room(roomId).send('two')
    await until(first.client.room(roomId).messages, ({ items }) => items.length === 2)
    second.crash()
    expect(
      first.client
        .room(roomId)
        .messages.get()
        .items.map(({ state }) => state),
    ).toEqual(['sending', 'sending'])
    first.client.setOnline(true)
    await until(first.client.room(roomId).messages, ({ items }) => items.length === 0)
    const ben = await server.signIn('ben')
    ben.room(roomId).open()
    const { items } = await until(ben.room(roomId).messages, (list) => list.items.length === 2)
    expect(items.map(({ text }) => text)).toEqual(['one', 'two'])
  })

  test.each(['second', 'third'])(
    'never send what the %s took back while nobody led, whoever leads then',
    async (writer) => {
      const { browser, first, second } = await twoTabs()
      const third = browser.tab('ann')
      await until(third.client.connection, isConnected)
      const roomId = await server.room('ann', 'ben')
      first.client.setOnline(false)
      for (const { client } of [second, third])
        await until(client.connection, ({ state }) => state !== 'live')
      const room = (writer === 'second' ? second : third).client.room(roomId)
      room.send('one')
      const two = room.send('two')
      await until(second.client.room(roomId).messages, ({ items }) => items.length === 2)
      first.freeze()
      room.discard(two.clientId)
      // Once this is known to all, they have heard what came before it.
      room.send('three')
      await until(second.client.room(roomId).messages, ({ items }) => items.length === 3)
      first.crash()
      await until(room.messages, ({ items }) => items.length === 0)
      const ben = await server.signIn('ben')
      ben.room(roomId).open()
      const { items } = await until(ben.room(roomId).messages, (list) => list.items.length >= 2)
      expect(items.map(({ text }) => text)).toEqual(['one', 'three'])
    },
  )

  test('do not wait as long as the one that leads, when somebody looks at another', async () => {
    const browser = new Browser()
    let refused = 0
    const refusing: ProviderFactory = (listener) => {
      const own = new WebSocketProvider({ url: server.url, listener, nowMs: () => performance.now() })
      if (refused++ === 0)
        own.connect = () => Promise.reject(new RequestError('overloaded', { retryAfterMs: 3_600_000 }))
      return own
    }
    const first = browser.tab('ann', { provider: refusing })
    await until(first.client.connection, ({ state }) => state === 'offline')
    const second = browser.tab('ann')
    second.client.setVisible(true)
    await until(second.client.connection, isConnected)
    expect(browser.connections).toBe(0)
  })

  test('take over from one that was frozen, and take it back in when it resumes', async () => {
    const { browser, first, second } = await twoTabs()
    const roomId = await server.room('ann', 'ben')
    first.freeze()
    second.client.room(roomId).open()
    await vi.waitUntil(() => browser.connections === 2, EVENTUALLY)
    await until(second.client.connection, isConnected)
    second.client.room(roomId).send('anybody?')
    await until(second.client.room(roomId).state, (state) => state?.seq === 1)
    first.resume()
    await until(first.client.connection, isConnected)
    await until(first.client.room(roomId).state, (state) => state?.seq === 1)
    first.client.room(roomId).send('good morning')
    await until(second.client.room(roomId).state, (state) => state?.seq === 2)
  })

  test('have a room open only where a tab in view looks at it, and leave it when that tab is gone', async () => {
    const { first, second } = await twoTabs()
    const roomId = await server.room('ann', 'ben')
    const ben = await server.signIn('ben')
    second.client.room(roomId).open()
    await until(second.client.room(roomId).messages, ({ loading }) => !loading)
    second.client.setVisible(false)
    ben.room(roomId).send('one')
    await until(first.client.badge, (badge) => badge?.total === 1)
    await until(second.client.badge, (badge) => badge?.total === 1)
    second.client.setVisible(true)
    await until(first.client.badge, (badge) => badge?.total === 0)
    await until(second.client.room(roomId).messages, ({ items }) => items.length === 1)
    second.crash()
    await until(first.client.badge, (badge) => badge?.total === 1)
  })

  test('stopped and started again at once, one leads at its first try', async () => {
    const browser = new Browser()
    const tab = browser.tab('ann')
    void tab.client.stop()
    tab.client.start()
    await until(tab.client.connection, isConnected)
    expect(browser.transports[0]).toBe('websocket')
  })

  test('stopped and started again beside another one, one is told of the rooms it looks at', async () => {
    const { second } = await twoTabs()
    const roomId = await server.room('ann', 'ben')
    const ben = await server.signIn('ben')
    const room = second.client.room(roomId)
    for (let round = 1; round <= 5; round++) {
      ben.room(roomId).send(`message ${round}`)
      await until(second.client.badge, (badge) => badge?.total === 1)
      void second.client.stop()
      second.client.start()
      const close = room.open()
      await until(second.client.badge, (badge) => badge?.total === 0)
      ben.room(roomId).setTyping(true)
      await until(room.state, (state) => state?.typing.includes(server.id('ben')) === true)
      ben.room(roomId).setTyping(false)
      await until(room.state, (state) => state?.typing.length === 0)
      room.markRead(seq(round))
      await until(room.state, (state) => state?.me.readSeq === round)
      close()
    }
  })

  test('begin anew by the same transport when the lead changes while they connect', async () => {
    const browser = new Browser()
    const first = browser.tab('ann')
    await until(first.client.connection, isConnected)
    first.freeze()
    const second = browser.tab('ann')
    await until(second.client.connection, isConnected)
    expect(browser.transports[1]).toBe('websocket')
  })

  test('of different people know nothing of each other', async () => {
    const browser = new Browser()
    const [ann, ben] = [browser.tab('ann'), browser.tab('ben')]
    await until(ann.client.connection, isConnected)
    await until(ben.client.connection, isConnected)
    expect(browser.connections).toBe(2)
    const roomId = await server.room('ann', 'ben')
    ann.client.room(roomId).send('hello')
    await until(ben.client.badge, (badge) => badge?.total === 1)
    expect(ben.client.room(roomId).messages.get().items).toEqual([])
  })

  test('are devices of their own where the connection is not to be shared', async () => {
    const browser = new Browser()
    const tabs = [browser.tab('ann', { shareTabs: false }), browser.tab('ann', { shareTabs: false })]
    for (const { client } of tabs) await until(client.connection, isConnected)
    expect(browser.connections).toBe(2)
  })
})

/** A tab on the real locks and channels of the platform; it can crash, and be frozen. */
class Tab {
  client!: Tally
  #isDead = false
  #isFrozen = false
  readonly #missed: (() => void)[] = []
  readonly #releases: (() => void)[] = []
  readonly platform: TabPlatform = {
    locks: {
      request: (name, how, whileHeld) => {
        const locks = navigator.locks as TabLocks
        return locks.request(name, how, (lock) => {
          if (this.#isDead) return Promise.resolve()
          const crashed = new Promise<void>((resolve) => this.#releases.push(resolve))
          return Promise.race([whileHeld(lock), crashed])
        })
      },
    },
    channel: (name) => {
      const channel = new BroadcastChannel(name) as unknown as TabChannel
      const own: TabChannel = {
        postMessage: (message) => {
          if (!this.#isDead && !this.#isFrozen) channel.postMessage(message)
        },
        onmessage: null,
        close: () => channel.close(),
      }
      channel.onmessage = (event) => this.#hear(() => own.onmessage?.(event))
      return own
    },
  }

  /** Its locks are free, and nothing is heard of it any more. */
  crash(): void {
    this.#isDead = true
    for (const release of this.#releases.splice(0)) release()
  }

  /** As a browser freezes a page in the background: it keeps its locks, says nothing, and hears all of it later. */
  freeze(): void {
    this.#isFrozen = true
  }

  resume(): void {
    this.#isFrozen = false
    for (const hear of this.#missed.splice(0)) hear()
  }

  #hear(hear: () => void): void {
    if (this.#isDead) return
    if (this.#isFrozen) this.#missed.push(hear)
    else hear()
  }
}
