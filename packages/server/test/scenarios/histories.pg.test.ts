import { describe, expect, test } from 'vitest'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { ACTIONS, act } from './history-actions.ts'
import { HistoryWorld } from './history-world.ts'
import { Chance, SEED } from './seeded.ts'

// Random histories over the real SQL, the real ledger and the real actions. Whatever happens at once: when all of it is
// over, every register is the recount and the ledger is what follows. A failing seed is repeated with TALLY_TEST_SEED;
// on PostgreSQL what happens at once may end otherwise.
const HISTORIES = 10
const BATCHES = 25
const AT_ONCE_MAX = 8
/** How often an action may be refused before it counts as one that cannot happen. */
const TRIES = 200

describe.each(DEPLOYMENTS)('random histories, on %s', (database) => {
  const tally = useDeployment(database, { TALLY_SENDS_PER_SECOND: '100000', TALLY_SEND_BURST: '100000' })
  const happened = new Map<string, number>()

  test.each(Array.from({ length: HISTORIES }, (_, index) => SEED + index))(
    'end with exact badges (seed %i)',
    async (seed) => {
      const chance = new Chance(seed)
      const world = await HistoryWorld.begin(tally().ctx, chance)
      for (let batch = 1; batch <= BATCHES; batch += 1) {
        const atOnce = 1 + chance.below(AT_ONCE_MAX)
        const names = await Promise.all(Array.from({ length: atOnce }, () => act(world)))
        for (const name of names) if (name !== null) happened.set(name, (happened.get(name) ?? 0) + 1)
        await world.expectExact().catch((error: unknown) => {
          throw new Error(`after batch ${batch}: ${names.join(', ')}`, { cause: error })
        })
      }
    },
    60_000,
  )

  test('every action happened in some of them, or happens now', async () => {
    const world = await HistoryWorld.begin(tally().ctx, new Chance(SEED + HISTORIES))
    // Ten histories may leave out what is seldom chosen and often refused; in between the world moves on.
    for (const name of Object.keys(ACTIONS).filter((name) => !happened.has(name))) {
      let tries = 0
      while ((await act(world, name)) === null && tries < TRIES) {
        await act(world)
        tries += 1
      }
      expect(tries, name).toBeLessThan(TRIES)
    }
    await world.expectExact()
  }, 60_000)
})
