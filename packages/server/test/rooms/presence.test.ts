import type { UserId } from '@tally/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LEASE_TTL_MS, TOUCH_INTERVAL_MS } from '../../src/actions/leases.ts'
import { Presence } from '../../src/actions/presence.ts'
import { LocalDevices } from '../../src/bus/local-devices.ts'
import { MemoryExchange } from '../../src/bus/memory-bus.ts'
import type { LeaseChange } from '../../src/core/ledger-step.ts'
import { MemoryLedger } from '../../src/ledger/memory-ledger.ts'

const ANN = 'ann' as UserId
const BOB = 'bob' as UserId
const PEERS = new Map([
  [ANN, [BOB]],
  [BOB, [ANN]],
])
const GRACE_MS = 3_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  for (const stop of running.splice(0)) stop()
  vi.useRealTimers()
})

/** Ends what the test started. */
const running: (() => void)[] = []

const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Nodes that share a ledger and a bus; ann and bob see each other. */
async function setUp() {
  const exchange = new MemoryExchange()
  const ledger = new MemoryLedger({ now: () => performance.now() })
  const warm = async (userId: UserId, number: number) => {
    await ledger.beginWarm([{ userId, warm: number }])
    await ledger.finishWarm([{ userId, warm: number, registers: [] }])
  }
  await warm(ANN, 1)
  await warm(BOB, 2)
  let answer = Promise.resolve()
  const database = {
    isAway: false,
    asked: 0,
    /** Lets answers wait until its end. */
    slow: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      answer = promise
      return { end: resolve }
    },
  }
  const peersOf = async () => {
    database.asked += 1
    await answer
    if (database.isAway) throw new Error('away')
    return PEERS
  }
  return {
    database,
    ledger,
    warm,
    node: (nodeId: string) => startNode({ nodeId, exchange, ledger, peersOf }),
  }
}

type NodeParts = {
  nodeId: string
  exchange: MemoryExchange
  ledger: MemoryLedger
  peersOf: () => Promise<typeof PEERS>
}

function startNode({ nodeId, exchange, ledger, peersOf }: NodeParts) {
  const bus = exchange.join(nodeId)
  const devices = new LocalDevices()
  const errors: unknown[] = []
  const presence = new Presence({
    devices,
    bus,
    ledger,
    peersOf,
    now: Date.now,
    nowMs: () => performance.now(),
    onError: (error) => errors.push(error),
    graceMs: GRACE_MS,
  })
  const told: [UserId, Record<string, unknown>][] = []
  bus.onFrames((frames) => {
    for (const frame of frames) {
      if (frame.kind === 'user-event') told.push([frame.userId, frame.payload])
    }
  })
  const step = (userId: UserId, lease: LeaseChange) => ledger.apply([{ userId, leases: [lease] }])
  const touching = setInterval(() => void touch(), TOUCH_INTERVAL_MS)
  const touch = async () => {
    for (const userId of devices.users()) {
      for (const { deviceId } of devices.of(userId)) await connectLease(userId, deviceId)
    }
    await presence.touch()
  }
  const connectLease = (userId: UserId, deviceId: string) =>
    step(userId, { kind: 'connect', deviceId, nodeId, ttlMs: LEASE_TTL_MS })
  const stop = () => {
    clearInterval(touching)
    presence.close()
  }
  running.push(stop)
  return {
    presence,
    errors,
    /** What the devices of somebody on this node were told. */
    toldTo: (userId: UserId) => told.filter(([to]) => to === userId).map(([, payload]) => payload),
    connect: async (userId: UserId, deviceId = `${nodeId}:${userId}`) => {
      devices.connect({ deviceId, userId })
      await connectLease(userId, deviceId)
      presence.connected(userId)
    },
    disconnect: async (userId: UserId, deviceId = `${nodeId}:${userId}`) => {
      devices.disconnect(deviceId)
      presence.disconnected(userId)
      await step(userId, { kind: 'disconnect', deviceId })
    },
    /** Without a word. */
    die: async () => {
      clearInterval(touching)
      await bus.close()
    },
    stop,
    /** What it says goes nowhere. */
    isSilent: (silent: boolean) => {
      if (silent) vi.spyOn(bus, 'send').mockImplementation(() => {})
      else vi.mocked(bus.send).mockRestore()
    },
    isCutOff: (cut: boolean) => {
      if (cut) vi.spyOn(bus, 'receive').mockImplementation(() => {})
      else vi.mocked(bus.receive).mockRestore()
    },
  }
}

const here = (userId: UserId) => ({ userId, online: true, lastSeenAt: null })
const away = (userId: UserId, sinceMs: number) => {
  return { userId, online: false, lastSeenAt: new Date(sinceMs).toISOString() }
}

describe('on one node', () => {
  test('who went while the database was away is told to be away once it is back', async () => {
    const { node, database } = await setUp()
    const { connect, disconnect, toldTo, errors } = node('one')
    await connect(BOB)
    await connect(ANN)
    await passes(200)
    expect(toldTo(BOB)).toEqual([here(ANN)])

    database.isAway = true
    const wentAtMs = Date.now()
    await disconnect(ANN)
    await passes(4_000)
    expect(errors).not.toEqual([])
    database.isAway = false
    await passes(1_500)
    expect(toldTo(BOB)).toEqual([here(ANN), away(ANN, wentAtMs)])
  })

  test('coming back within the grace is no news for the others', async () => {
    const { node } = await setUp()
    const { connect, disconnect, toldTo } = node('one')
    await connect(BOB)
    await connect(ANN)
    await passes(200)
    await disconnect(ANN)
    await passes(1_000)
    await connect(ANN)
    await passes(10_000)
    expect(toldTo(BOB)).toEqual([here(ANN)])
  })

  test('who came and went before anybody was told has been seen all the same', async () => {
    const { node } = await setUp()
    const { connect, disconnect, toldTo } = node('one')
    await connect(BOB)
    await passes(200)
    await connect(ANN)
    await passes(90)
    const wentAtMs = Date.now()
    await disconnect(ANN)
    await passes(10_000)
    expect(toldTo(BOB).at(-1)).toEqual(away(ANN, wentAtMs))
  })

  test('whoever comes while somebody is gone for a moment sees them stay', async () => {
    const { node } = await setUp()
    const { connect, disconnect, toldTo } = node('one')
    await connect(ANN)
    await passes(200)
    await disconnect(ANN)
    await connect(BOB)
    await passes(1_000)
    await connect(ANN)
    await passes(10_000)
    expect(toldTo(BOB)).toEqual([here(ANN)])
  })

  test('who comes while the answer to somebody else is looked up is told once', async () => {
    const { node, database } = await setUp()
    const { connect, toldTo } = node('one')
    await connect(BOB)
    const looksUp = database.slow()
    await passes(150)
    await connect(ANN)
    looksUp.end()
    await passes(1_000)
    expect(toldTo(BOB)).toEqual([here(ANN)])
  })

  test('a node that stops asks nothing any more', async () => {
    const { node, database } = await setUp()
    const { presence, connect } = node('one')
    await connect(ANN)
    presence.close()
    presence.connected(ANN)
    await passes(10_000)
    expect(database.asked).toBe(0)
  })
})

describe('on several nodes', () => {
  test('who comes and who goes is told on every node, and so is it to those who come later', async () => {
    const { node } = await setUp()
    const [one, two, three] = [node('one'), node('two'), node('three')]
    await one.connect(BOB)
    await passes(200)
    await two.connect(ANN)
    await passes(200)
    expect(one.toldTo(BOB)).toEqual([here(ANN)])
    expect(two.toldTo(ANN)).toEqual([here(BOB)])

    await three.connect(BOB)
    await passes(200)
    expect(three.toldTo(BOB)).toEqual([here(ANN)])
    expect(two.toldTo(ANN)).toEqual([here(BOB)])
    const wentAtMs = Date.now()
    await two.disconnect(ANN)
    await passes(10_000)
    for (const { toldTo } of [one, three]) expect(toldTo(BOB)).toEqual([here(ANN), away(ANN, wentAtMs)])
    await two.connect(BOB)
    await passes(200)
    expect(two.toldTo(BOB)).toEqual([away(ANN, wentAtMs)])
  })

  test('a node believes others to have somebody until it hears that they went', async () => {
    const { node } = await setUp()
    const one = node('one')
    await one.connect(BOB)
    expect(one.presence.mayBeElsewhere(ANN)).toBe(false)
    const two = node('two')
    await two.connect(ANN)
    await passes(200)
    expect(one.presence.mayBeElsewhere(ANN)).toBe(true)
    await two.disconnect(ANN)
    await passes(10_000)
    expect(one.presence.mayBeElsewhere(ANN)).toBe(false)
  })

  test('a node that has heard nothing yet asks the ledger who is here', async () => {
    const { node } = await setUp()
    const one = node('one')
    await one.connect(ANN)
    await passes(20_000)
    const two = node('two')
    await two.connect(BOB)
    await passes(200)
    expect(two.toldTo(BOB)).toEqual([here(ANN)])
  })

  test('whoever leaves one node and is on another stays here; moving between nodes is no news', async () => {
    const { node } = await setUp()
    const [one, two, three] = [node('one'), node('two'), node('three')]
    await one.connect(BOB)
    await passes(200)
    await two.connect(ANN)
    await passes(200)
    await three.connect(ANN)
    await passes(200)
    await two.disconnect(ANN)
    await passes(20_000)
    await three.disconnect(ANN)
    await passes(1_000)
    await two.connect(ANN)
    await passes(20_000)
    expect(one.toldTo(BOB)).toEqual([here(ANN)])
  })

  test('people of a node that died are away once its leases lapsed, but not those who came back elsewhere', async () => {
    const { node } = await setUp()
    const [one, two, three] = [node('one'), node('two'), node('three')]
    await one.connect(BOB)
    await passes(200)
    await two.connect(ANN)
    await passes(12_000)
    await two.die()
    await passes(20_000)
    expect(one.toldTo(BOB)).toEqual([here(ANN)])
    await three.connect(ANN)
    await passes(60_000)
    expect(one.toldTo(BOB)).toEqual([here(ANN)])

    await three.die()
    await passes(60_000)
    expect(one.toldTo(BOB)).toMatchObject([here(ANN), { userId: ANN, online: false }])
  })

  test('people of a node that stopped are away soon', async () => {
    const { node } = await setUp()
    const [one, two] = [node('one'), node('two')]
    await one.connect(BOB)
    await passes(200)
    await two.connect(ANN)
    await passes(200)
    const wentAtMs = Date.now()
    await two.disconnect(ANN)
    two.stop()
    await passes(10_000)
    expect(one.toldTo(BOB)).toEqual([here(ANN), away(ANN, wentAtMs)])
  })

  test('a frame that got lost is told again with the touch, to those who did not hear it', async () => {
    const { node } = await setUp()
    const [one, two, three] = [node('one'), node('two'), node('three')]
    await one.connect(BOB)
    await three.connect(BOB)
    await passes(200)
    one.isCutOff(true)
    await two.connect(ANN)
    await passes(200)
    one.isCutOff(false)
    expect([one, three].map(({ toldTo }) => toldTo(BOB))).toEqual([[], [here(ANN)]])
    await passes(TOUCH_INTERVAL_MS)
    expect([one, three].map(({ toldTo }) => toldTo(BOB))).toEqual([[here(ANN)], [here(ANN)]])
  })

  test('who was taken to be away because their node was cut off is here again when it is back', async () => {
    const { node } = await setUp()
    const [one, two] = [node('one'), node('two')]
    await one.connect(BOB)
    await passes(200)
    await two.connect(ANN)
    await passes(200)
    one.isCutOff(true)
    // What it can see of the ledger meanwhile knows nothing of the other node.
    await two.disconnect(ANN)
    await passes(60_000)
    one.isCutOff(false)
    await two.connect(ANN)
    await passes(60_000)
    expect(one.toldTo(BOB).at(-1)).toEqual(here(ANN))
  })

  test('whom the ledger does not know yet when their node is heard again is here when it does', async () => {
    const { node, ledger, warm } = await setUp()
    const [one, two] = [node('one'), node('two')]
    await one.connect(BOB)
    await passes(200)
    await two.connect(ANN)
    await passes(200)
    // As after a long absence of the shared ledger: nothing was heard, and every key is cold.
    two.isSilent(true)
    await ledger.drop([ANN])
    await passes(60_000)
    expect(one.toldTo(BOB).at(-1)).toMatchObject({ userId: ANN, online: false })
    two.isSilent(false)
    await passes(2 * TOUCH_INTERVAL_MS)
    await warm(ANN, 3)
    await passes(3 * TOUCH_INTERVAL_MS)
    expect(one.toldTo(BOB).at(-1)).toEqual(here(ANN))
  })
})
