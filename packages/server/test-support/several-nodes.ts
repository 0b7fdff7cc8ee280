import { afterAll, beforeAll, expect } from 'vitest'
import { NodeHeartbeat } from '../src/actions/node-heartbeat.ts'
import type { Bus } from '../src/bus/bus.ts'
import { MemoryExchange } from '../src/bus/memory-bus.ts'
import { MemoryLedger } from '../src/ledger/memory-ledger.ts'
import type { Sharing, SharingOptions } from '../src/sharing.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'
import { startTallyOn, type TestTally } from './test-tally.ts'

export type SeveralNodesOptions = {
  env?: Record<string, string>
  /** Between a node and the bus that all share. */
  wrapBus?: (bus: Bus) => Bus
}

/**
 * Whole servers in this process that are the nodes of one installation: one PostgreSQL, one bus, one ledger. None of
 * them must have thought anything wrong when the tests of the `describe` are over.
 */
export function useNodes(count: number, options: SeveralNodesOptions = {}): () => readonly TestTally[] {
  const { env = {}, wrapBus = (bus: Bus) => bus } = options
  let database: TestDatabase
  const nodes: TestTally[] = []
  beforeAll(async () => {
    database = await createTestDatabase('postgres')
    const exchange = new MemoryExchange()
    const ledger = new MemoryLedger({ now: () => performance.now() })
    const share = async ({ db, nodeId, onLoss }: SharingOptions): Promise<Sharing> => ({
      ledger,
      bus: wrapBus(exchange.join(nodeId)),
      heartbeat: new NodeHeartbeat({ db, keepsOwnLedger: () => false, onNewEpoch: onLoss }),
      isShared: () => true,
      tailsOutbox: () => false,
      close: async () => exchange.leave(nodeId),
    })
    while (nodes.length < count) nodes.push(await startTallyOn(database.options, { env, share }))
  })
  afterAll(async () => {
    for (const node of nodes) node.closeClients()
    for (const node of nodes) await node.stop()
    await database.drop()
    expect(nodes.flatMap(({ errors }) => errors)).toEqual([])
  })
  return () => nodes
}
