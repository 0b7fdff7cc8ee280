import { type ClientId, RequestError, type RoomId, type UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { type KeyValueStorage, memoryStorage } from '../src/key-value-storage.ts'
import { Outbox } from '../src/outbox.ts'
import type { PendingMessage } from '../src/pending-message.ts'
import { SendQueue } from '../src/send-queue.ts'
import { ROOM } from './sample-messages.ts'

const ANN = 'ann' as UserId
const BEN = 'ben' as UserId

/** One start of the app on a device: what it sends is refused for good when it says so, and is stored otherwise. */
class App {
  readonly sent: string[] = []
  readonly queue: SendQueue
  readonly outbox: Outbox
  isOnline = false
  loads = 0
  static #ids = 0

  constructor(storage: KeyValueStorage, { server = '', nowMs = 1_000 } = {}) {
    this.outbox = new Outbox({
      storage,
      server,
      queue: () => this.queue,
      onLoaded: () => {
        this.loads++
        this.queue.resume()
      },
      others: { put: () => {}, remove: () => {} },
    })
    this.queue = new SendQueue({
      deliver: async ({ text }) => {
        this.sent.push(text)
        if (text.startsWith('bad')) throw new RequestError('message_too_long')
      },
      canDeliver: () => this.isOnline && this.outbox.isLoaded,
      journal: this.outbox,
      onChange: () => {},
      onUnauthorized: () => {},
      newClientId: () => `c${++App.#ids}` as ClientId,
      wallClock: () => new Date(nowMs),
      random: () => 0,
    })
  }

  write(text: string): PendingMessage {
    return this.queue.add({ roomId: ROOM, text })
  }

  get pending(): string[] {
    return this.queue.pendingIn(ROOM).map(({ text, state }) => `${text} ${state}`)
  }

  /** What is under way has happened. */
  async settle(): Promise<void> {
    await this.outbox.written()
    await new Promise((resolve) => setImmediate(resolve))
    await this.outbox.written()
  }

  async goOnline(): Promise<void> {
    this.isOnline = true
    this.queue.resume()
    await this.settle()
  }
}

async function start(storage: KeyValueStorage, userId: UserId, options = {}): Promise<App> {
  const app = new App(storage, options)
  app.outbox.belongTo(userId)
  await app.settle()
  return app
}

test('what waits is there after a crash, in its order, and goes out before what is written later', async () => {
  const storage = memoryStorage()
  const before = await start(storage, ANN)
  for (const text of ['one', 'two', 'three']) before.write(text)
  // The clock was put back meanwhile; the order is not the clock's to change.
  const after = new App(storage, { nowMs: 5 })
  after.isOnline = true
  after.outbox.belongTo(ANN)
  after.write('four')
  expect(after.sent).toEqual([])
  await after.settle()
  expect(after.sent.slice(0, 3)).toEqual(['one', 'two', 'three'])
  expect(after.sent).toEqual(['one', 'two', 'three', 'four'])
  expect(after.pending).toEqual([])
  expect(await storage.entries('')).toEqual([])
})

test('a message keeps its clientId over a restart, by which the server knows it again', async () => {
  const storage = memoryStorage()
  const { clientId } = (await start(storage, ANN)).write('once')
  const [restored] = (await start(storage, ANN)).queue.all()
  expect(restored).toMatchObject({ clientId, key: clientId, text: 'once', state: 'sending' })
})

test('a message that was refused is still there to be seen, and to be sent again or taken back', async () => {
  const storage = memoryStorage()
  const before = await start(storage, ANN)
  const bad = before.write('bad one')
  before.write('good one')
  await before.goOnline()
  expect(before.pending).toEqual(['bad one failed'])
  const after = await start(storage, ANN)
  expect(after.queue.all()[0]).toMatchObject({
    state: 'failed',
    error: { code: 'message_too_long', retry: 'never' },
  })
  expect(after.queue.all()[0]?.error).toBeInstanceOf(RequestError)
  after.queue.discard(bad)
  await after.settle()
  expect((await start(storage, ANN)).pending).toEqual([])
})

test('nobody sends in the name of another, nor to another server', async () => {
  const storage = memoryStorage()
  const ann = await start(storage, ANN)
  ann.write('from ann')
  await ann.settle()
  expect((await start(storage, BEN)).pending).toEqual([])
  expect((await start(storage, ANN, { server: 'https://elsewhere' })).pending).toEqual([])
  // Somebody else signs in on the same page.
  ann.outbox.belongTo(BEN)
  await ann.goOnline()
  expect(ann.sent).toEqual([])
  expect((await start(storage, ANN)).pending).toEqual(['from ann sending'])
})

test('what was written before it was known who writes waits, and is kept as soon as it is known', async () => {
  const storage = memoryStorage()
  const app = new App(storage)
  app.isOnline = true
  app.write('early')
  await app.settle()
  expect(app.sent).toEqual([])
  app.outbox.belongTo(ANN)
  expect(await storage.entries('')).toHaveLength(1)
  await app.settle()
  expect(app.sent).toEqual(['early'])
})

test('a storage that fails keeps nobody from sending', async () => {
  const fail = () => Promise.reject(new Error('the disk is full'))
  const app = await start({ entries: fail, set: fail, delete: fail }, ANN)
  app.write('hello')
  await app.goOnline()
  expect(app.sent).toEqual(['hello'])
})

test('a storage that never answers keeps nobody from sending, nor from ending', async () => {
  vi.useFakeTimers()
  try {
    const hang = () => new Promise<never>(() => {})
    const app = new App({ entries: hang, set: hang, delete: hang })
    app.outbox.belongTo(ANN)
    app.isOnline = true
    app.write('hello')
    const written = app.outbox.written()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(app.sent).toEqual(['hello'])
    await written
  } finally {
    vi.useRealTimers()
  }
})

test('what a storage tells late goes out all the same, and nothing twice', async () => {
  const storage = memoryStorage()
  ;(await start(storage, ANN)).write('from before')
  vi.useFakeTimers()
  try {
    const opened = Promise.withResolvers<void>()
    const slow: KeyValueStorage = {
      ...storage,
      entries: (prefix) => opened.promise.then(() => storage.entries(prefix)),
    }
    const app = new App(slow)
    app.outbox.belongTo(ANN)
    app.isOnline = true
    app.write('from now')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(app.sent).toEqual(['from now'])
    opened.resolve()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(app.sent).toEqual(['from now', 'from before'])
    expect(app.pending).toEqual([])
    expect(await storage.entries('')).toEqual([])
  } finally {
    vi.useRealTimers()
  }
})

test('what cannot be understood is thrown away, and nothing else', async () => {
  const storage = memoryStorage()
  const before = await start(storage, ANN)
  before.write('hello')
  await before.settle()
  const [[key]] = (await storage.entries('')) as [[string, string]]
  for (const [index, rubbish] of ['', '{', 'null', '{"clientId":"x"}'].entries())
    await storage.set(key.replace(/[^/]*$/, `rubbish-${index}`), rubbish)
  const after = await start(storage, ANN)
  expect(after.pending).toEqual(['hello sending'])
  expect(await storage.entries('')).toHaveLength(1)
})

test('when its writer is no more nothing waits in any room, and nothing is kept, also of what is on its way', async () => {
  const storage = memoryStorage()
  const before = await start(storage, ANN)
  before.write('bad')
  before.write('good')
  await before.settle()
  // In the room of the first two, and in one that was never opened since.
  before.queue.add({ roomId: 'elsewhere' as RoomId, text: 'far away' })
  await before.settle()
  const after = await start(storage, ANN)
  after.isOnline = true
  after.queue.resume()
  after.queue.discardAll()
  await after.settle()
  expect(after.queue.all()).toEqual([])
  expect(await storage.entries('')).toEqual([])
})
