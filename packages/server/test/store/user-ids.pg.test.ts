import type { UserId } from '@tally/protocol'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureUsers } from '../../src/store/ensure-users.ts'
import { endHeartbeat, sendHeartbeat } from '../../src/store/heartbeat.ts'
import type { Database } from '../../src/store/open-database.ts'
import { readUserIds } from '../../src/store/read-user-ids.ts'
import { useDatabases } from './use-database.ts'

describe('who looks after whom', () => {
  const people = Array.from({ length: 60 }, (_, n) => `person-${String(n).padStart(2, '0')}` as UserId)
  const nodes = useDatabases('postgres', { nodeId: 'Ann' }, { nodeId: 'bob' }, { nodeId: 'cleo' })

  beforeAll(() => ensureUsers(nodes()[0]!, people))
  beforeEach(async () => {
    for (const node of nodes()) await sendHeartbeat(node, { keepsOwnLedger: false })
  })

  /** A whole sweep, page by page. */
  async function sweep(node: Database): Promise<UserId[]> {
    const swept: UserId[] = []
    for (;;) {
      const page = await readUserIds(node, { afterUserId: swept.at(-1) ?? null, limit: 7 })
      if (page.length === 0) return swept
      swept.push(...page)
    }
  }
  const sweeps = () => Promise.all(nodes().map(sweep))

  test('nodes that share a ledger share out everybody: nobody is left out and nobody comes twice', async () => {
    const shares = await sweeps()
    expect(shares.flat().sort()).toEqual(people)
    for (const share of shares) {
      expect(share.length).toBeGreaterThan(0)
      expect(share).toEqual(share.toSorted())
    }
  })

  test('what a node looked after that is gone the others take over', async () => {
    await endHeartbeat(nodes()[1]!)
    const [one, , three] = await sweeps()
    expect([...one!, ...three!].sort()).toEqual(people)
  })

  test('a node with a ledger of its own looks after everybody, and takes nobody from the others', async () => {
    await sendHeartbeat(nodes()[1]!, { keepsOwnLedger: true })
    const [one, two, three] = await sweeps()
    expect(two).toEqual(people)
    expect([...one!, ...three!].sort()).toEqual(people)
  })
})
