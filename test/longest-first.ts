import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take long, by about how many seconds they take beside others: begun first, so that no worker is left alone
 * with one of them at the end. The rest goes by size, which says little of what a file does.
 */
export const SECONDS_OF_LONG_FILES: Readonly<Record<string, number>> = {
  'bench/bench.redis.test.ts': 115,
  'packages/client/test/transports.pg.test.ts': 90,
  'packages/server/test/http/polling-devices.pg.test.ts': 60,
  'packages/server/test/interleavings/every-pair.pg.test.ts': 60,
  'packages/server/test/scenarios/histories.pg.test.ts': 45,
  'packages/server/test/crash/kill.pg.test.ts': 40,
  'packages/server/test/socket/deliveries.pg.test.ts': 36,
  'bench/chaos/chaos.redis.test.ts': 35,
  'packages/client/test/conversation.pg.test.ts': 32,
  'packages/server/test/socket/redelivery.pg.test.ts': 20,
  'packages/server/test/nodes/epoch.pg.test.ts': 17,
  'packages/server/test/rooms/touch.pg.test.ts': 16,
  'packages/server/test/nodes/hung-database.pg.test.ts': 15,
  'apps/web/test/messenger.browser.test.ts': 105,
  'apps/web/test/beside-the-conversation.browser.test.ts': 90,
  'packages/react/test/published.browser.test.ts': 85,
  'apps/web/test/looks.browser.test.ts': 75,
  'apps/web/test/feed-and-devices.browser.test.ts': 52,
  'apps/web/test/everybody.browser.test.ts': 46,
  'apps/web/test/text-is-text.browser.test.ts': 45,
  'apps/web/test/keyboard.browser.test.ts': 43,
  'packages/react/test/offline.browser.test.ts': 42,
  'apps/web/test/demo.browser.test.ts': 28,
  'apps/web/test/much.browser.test.ts': 27,
  'packages/react/test/react.browser.test.ts': 26,
  'packages/react/test/react-18.browser.test.ts': 26,
  'packages/server/test/sim/simulation.sim.test.ts': 40,
}

/** The files of each group, those first that take longest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || this.#secondsOf(b) - this.#secondsOf(a))
  }

  #secondsOf({ moduleId }: TestSpecification): number {
    return SECONDS_OF_LONG_FILES[relative(this.ctx.config.root, moduleId)] ?? 0
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder
}
