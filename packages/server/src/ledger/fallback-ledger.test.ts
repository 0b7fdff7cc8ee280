import type { RoomId, UserId } from '@tally/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FallbackLedger, type LedgerMode } from './fallback-ledger.ts'
import { ledgerContract } from './ledger.contract.ts'
import type { Ledger } from './ledger.ts'
import { MemoryLedger } from './memory-ledger.ts'
import { OutdatedCall } from './outdated-call.ts'

const ANN = 'ann' as UserId
const ROOM = 'room-1' as RoomId

for (const mode of ['shared', 'own'] as const) {
  ledgerContract(`with a fallback, answered by the ${mode} one`, async (now) => {
    const ledger = new FallbackLedger({
      shared: new MemoryLedger({ now }),
      own: new MemoryLedger({ now }),
      mode,
      probe: () => Promise.reject(new Error('away')),
      beforeReturn: () => Promise.resolve(),
      onModeChange: () => {},
    })
    return { ledger, close: async () => ledger.close() }
  })
}

describe('a ledger with a fallback', () => {
  const opened: FallbackLedger[] = []
  afterEach(() => {
    for (const ledger of opened.splice(0)) ledger.close()
  })

  function setup({ beforeReturn = () => Promise.resolve() } = {}) {
    const shared = new BreakableLedger()
    const changes: LedgerMode[] = []
    const onRepeated = vi.fn()
    const ledger = new FallbackLedger({
      shared: shared.ledger,
      own: new MemoryLedger({ now: () => performance.now() }),
      mode: 'shared',
      probe: () => shared.probe(),
      beforeReturn,
      onModeChange: (mode) => changes.push(mode),
      onRepeated,
      callTimeoutMs: 50,
      returnTimeoutMs: 2_000,
      probeEveryMs: 5,
    })
    opened.push(ledger)
    return { ledger, shared, changes, onRepeated }
  }

  test('goes on with its own one, cold, when the shared one is gone', async () => {
    const { ledger, shared, changes } = setup()
    await warm(ledger, 7)
    shared.fault = 'gone'
    expect(await ledger.apply([{ userId: ANN }])).toEqual([{ userId: ANN, state: 'cold' }])
    expect(changes).toEqual(['own'])
    await warm(ledger, 8)
    expect(await ledger.read([{ userId: ANN }])).toMatchObject([{ state: 'ready', badge: { total: 2 } }])
  })

  test('goes on with its own one when the shared one hangs', async () => {
    const { ledger, shared, changes } = setup()
    shared.fault = 'hung'
    const answers = await Promise.all(Array.from({ length: 20 }, () => ledger.read([{ userId: ANN }])))
    expect(answers).toEqual(Array.from({ length: 20 }, () => [{ userId: ANN, state: 'cold' }]))
    expect(changes).toEqual(['own'])
  })

  test('asks a shared one that hangs nothing more, however many calls stood in line for it', async () => {
    const { ledger, shared } = setup()
    shared.fault = 'hung'
    const calls = Array.from({ length: 1_500 }, () => ledger.read([{ userId: ANN }]))
    await Promise.all(calls)
    expect(shared.asked).toBeGreaterThan(0)
    expect(shared.asked).toBeLessThan(calls.length / 2)
  })

  test('forgives one failure: the call is made again, and it says so', async () => {
    const { ledger, shared, changes, onRepeated } = setup()
    await warm(ledger, 7)
    expect(onRepeated).not.toHaveBeenCalled()
    shared.failOnce()
    expect(await ledger.read([{ userId: ANN }])).toMatchObject([{ state: 'ready' }])
    expect(changes).toEqual([])
    expect(onRepeated).toHaveBeenCalledTimes(1)
  })

  test('calls that fail one by one, back to back, are said once a second: whoever hears it works for everybody', async () => {
    const { ledger, shared, changes, onRepeated } = setup()
    await warm(ledger, 7)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      for (let call = 0; call < 5; call += 1) {
        shared.failOnce()
        await ledger.read([{ userId: ANN }])
      }
      expect(onRepeated).toHaveBeenCalledTimes(1)
      await vi.advanceTimersByTimeAsync(999)
      expect(onRepeated).toHaveBeenCalledTimes(1)
      // What the later ones left untold is told, too.
      await vi.advanceTimersByTimeAsync(1)
      expect(onRepeated).toHaveBeenCalledTimes(2)
      await vi.advanceTimersByTimeAsync(5_000)
      expect(onRepeated).toHaveBeenCalledTimes(2)
      shared.failOnce()
      await ledger.read([{ userId: ANN }])
      expect(onRepeated).toHaveBeenCalledTimes(3)
    } finally {
      vi.useRealTimers()
    }
    expect(changes).toEqual([])
  })

  test('makes outdated calls again, however many, and does not hold them against the shared one', async () => {
    const { ledger, shared, changes } = setup()
    await warm(ledger, 7)
    shared.outdated = 5
    expect(await ledger.read([{ userId: ANN }])).toMatchObject([{ state: 'ready' }])
    expect(shared.outdated).toBe(0)
    expect(changes).toEqual([])
  })

  test('does not give up a shared one that is busy: while it answers others, a call waits its turn', async () => {
    const { ledger, shared, changes, onRepeated } = setup()
    await warm(ledger, 7)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      let turn = Promise.resolve()
      shared.answersAfter = () => {
        turn = turn.then(() => new Promise((resolve) => setTimeout(resolve, 30)))
        return turn
      }
      const answers = Promise.all(Array.from({ length: 6 }, () => ledger.read([{ userId: ANN }])))
      await vi.advanceTimersByTimeAsync(6 * 30)
      expect((await answers).map(([view]) => view?.state)).toEqual(Array.from({ length: 6 }, () => 'ready'))
    } finally {
      vi.useRealTimers()
    }
    expect(onRepeated).not.toHaveBeenCalled()
    expect(changes).toEqual([])
  })

  test('makes a call again that is not answered at all, though others are', async () => {
    const { ledger, shared, changes, onRepeated } = setup()
    await warm(ledger, 7)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      shared.answersAfter = () => {
        shared.answersAfter = () => Promise.resolve()
        return new Promise(() => {})
      }
      const lost = ledger.read([{ userId: ANN }])
      for (let call = 0; call < 20; call += 1) {
        await ledger.read([{ userId: ANN }])
        await vi.advanceTimersByTimeAsync(20)
      }
      expect(await lost).toMatchObject([{ state: 'ready' }])
    } finally {
      vi.useRealTimers()
    }
    expect(onRepeated).toHaveBeenCalledTimes(1)
    expect(changes).toEqual([])
  })

  test('does not blame the shared one for a stall of this process', async () => {
    const { ledger, shared, changes } = setup()
    await warm(ledger, 7)
    shared.answersAfter = () => new Promise((resolve) => setTimeout(resolve, 20))
    const answers = Promise.all(Array.from({ length: 5 }, () => ledger.read([{ userId: ANN }])))
    // Longer than a call may take, and nobody could have read the answers meanwhile.
    const untilMs = performance.now() + 300
    while (performance.now() < untilMs);
    expect((await answers).map(([view]) => view?.state)).toEqual(Array.from({ length: 5 }, () => 'ready'))
    expect(changes).toEqual([])
  })

  test('comes back when the shared one is there again, after what it missed was made cold', async () => {
    const { promise: made, resolve: makeCold } = Promise.withResolvers<void>()
    const asked = vi.fn(() => made)
    const { ledger, shared, changes } = setup({ beforeReturn: asked })
    await warm(ledger, 7)
    shared.fault = 'gone'
    await ledger.read([{ userId: ANN }])
    await warm(ledger, 8)
    shared.fault = undefined
    await vi.waitFor(() => expect(asked).toHaveBeenCalled(), { timeout: 10_000 })
    const answer = ledger.read([{ userId: ANN }])
    expect(await Promise.race([answer, Promise.resolve('waits')])).toBe('waits')
    await shared.ledger.drop('all')
    makeCold()
    expect(await answer).toEqual([{ userId: ANN, state: 'cold' }])
    expect(changes).toEqual(['own', 'shared'])
  })

  test('stays with its own one while what the shared one missed cannot be made cold, and tries again', async () => {
    const beforeReturn = vi
      .fn(() => Promise.resolve())
      .mockRejectedValueOnce(new Error('the database is away'))
    const { ledger, shared, changes } = setup({ beforeReturn })
    shared.fault = 'gone'
    await ledger.read([{ userId: ANN }])
    shared.fault = undefined
    await vi.waitFor(() => expect(changes).toEqual(['own', 'shared']), { timeout: 10_000 })
    expect(beforeReturn).toHaveBeenCalledTimes(2)
  })

  test('answers those who waited while what the shared one missed could not be made cold', async () => {
    const { promise: made, reject: fail } = Promise.withResolvers<void>()
    const beforeReturn = vi.fn(() => Promise.resolve()).mockReturnValueOnce(made)
    const { ledger, shared } = setup({ beforeReturn })
    shared.fault = 'gone'
    await ledger.read([{ userId: ANN }])
    shared.fault = undefined
    await vi.waitFor(() => expect(beforeReturn).toHaveBeenCalled(), { timeout: 10_000 })
    shared.fault = 'gone'
    const answer = ledger.read([{ userId: ANN }])
    fail(new Error('the database is away'))
    expect(await answer).toEqual([{ userId: ANN, state: 'cold' }])
  })

  test('answers though making cold what the shared one missed never ends, and tries again', async () => {
    const beforeReturn = vi.fn(() => Promise.resolve()).mockImplementationOnce(() => new Promise(() => {}))
    const { ledger, shared, changes } = setup({ beforeReturn })
    shared.fault = 'gone'
    await ledger.read([{ userId: ANN }])
    shared.fault = undefined
    await vi.waitFor(() => expect(beforeReturn).toHaveBeenCalled(), { timeout: 10_000 })
    expect(await ledger.read([{ userId: ANN }])).toEqual([{ userId: ANN, state: 'cold' }])
    await vi.waitFor(() => expect(changes).toEqual(['own', 'shared']), { timeout: 10_000 })
    expect(beforeReturn).toHaveBeenCalledTimes(2)
  })

  test('starts its own one cold each time: what it held from the last time has missed what came since', async () => {
    const { ledger, shared, changes } = setup()
    shared.fault = 'gone'
    await ledger.read([{ userId: ANN }])
    await warm(ledger, 8)
    shared.fault = undefined
    await vi.waitFor(() => expect(changes).toEqual(['own', 'shared']), { timeout: 10_000 })
    shared.fault = 'gone'
    expect(await ledger.read([{ userId: ANN }])).toEqual([{ userId: ANN, state: 'cold' }])
  })
})

/** A ledger that can be taken away. */
class BreakableLedger {
  fault: 'gone' | 'hung' | undefined
  answersAfter: () => Promise<void> = () => Promise.resolve()
  /** So many calls are answered to have known too little. */
  outdated = 0
  /** How many calls came. */
  asked = 0
  #failures = 0
  readonly #held = new MemoryLedger({ now: () => performance.now() })

  failOnce(): void {
    this.#failures = 1
  }

  async probe(): Promise<void> {
    if (this.fault !== undefined) throw new Error(this.fault)
  }

  readonly ledger: Ledger = {
    apply: (steps) => this.#call(() => this.#held.apply(steps)),
    beginWarm: (users) => this.#call(() => this.#held.beginWarm(users)),
    finishWarm: (users) => this.#call(() => this.#held.finishWarm(users)),
    read: (queries) => this.#call(() => this.#held.read(queries)),
    drop: (users) => this.#call(() => this.#held.drop(users)),
    stats: () => this.#call(() => this.#held.stats()),
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    await this.answersAfter()
    this.asked += 1
    if (this.fault === 'hung') return new Promise(() => {})
    if (this.fault === 'gone') return Promise.reject(new Error('connection refused'))
    if (this.outdated > 0) {
      this.outdated -= 1
      throw new OutdatedCall(1)
    }
    if (this.#failures > 0) {
      this.#failures -= 1
      return Promise.reject(new Error('connection reset'))
    }
    return call()
  }
}

async function warm(ledger: Ledger, number: number): Promise<void> {
  expect(await ledger.beginWarm([{ userId: ANN, warm: number }])).toEqual(['begun'])
  const member = { kind: 'room', settled: 1, version: 1 } as const
  const flags = { left: false, muted: false, archivedAtTally: null }
  const registers = [{ roomId: ROOM, tally: 3, change: 3, ...member, flags }]
  await ledger.finishWarm([{ userId: ANN, warm: number, registers }])
}
