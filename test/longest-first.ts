import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that take long, by about how many seconds they take beside others: begun first, so that no worker is left alone
 * with one of them at the end. The rest goes by size, which says little of what a file does.
 */
export const SECONDS_OF_LONG_FILES: Readonly<Record<string, number>> = {
  'bench/bench.redis.test.ts': 100,
  'packages/client/test/transports.pg.test.ts': 90,
  'packages/server/test/interleavings/every-pair.pg.test.ts': 75,
  'packages/server/test/http/polling-devices.pg.test.ts': 60,
  'packages/server/test/scenarios/histories.pg.test.ts': 55,
  'packages/server/test/crash/kill.pg.test.ts': 45,
  'bench/chaos/chaos.redis.test.ts': 38,
  'packages/client/test/conversation.pg.test.ts': 37,
  'packages/server/test/socket/deliveries.pg.test.ts': 36,
  'packages/server/test/attachments/attachments.pg.test.ts': 22,
  'packages/server/test/scenarios/clients.pg.test.ts': 21,
  'packages/server/test/scenarios/reading.pg.test.ts': 20,
  'packages/server/test/socket/redelivery.pg.test.ts': 19,
  'packages/server/test/scenarios/storms.pg.test.ts': 19,
  'packages/client/test/reconnection.pg.test.ts': 17,
  'packages/server/test/nodes/hung-database.pg.test.ts': 15,
  'packages/server/test/rooms/touch.pg.test.ts': 14,
  'apps/web/test/messenger.browser.test.ts': 105,
  'packages/react/test/published.browser.test.ts': 85,
  'apps/web/test/looks.browser.test.ts': 75,
  'apps/web/test/beside-the-conversation.browser.test.ts': 60,
  'apps/web/test/feed-and-devices.browser.test.ts': 52,
  'apps/web/test/everybody.browser.test.ts': 46,
  'apps/web/test/text-is-text.browser.test.ts': 45,
  'apps/web/test/keyboard.browser.test.ts': 43,
  'packages/react/test/offline.browser.test.ts': 42,
  'apps/web/test/installed.browser.test.ts': 35,
  'apps/web/test/demo.browser.test.ts': 28,
  'apps/web/test/much.browser.test.ts': 27,
  'packages/react/test/react.browser.test.ts': 26,
  'packages/react/test/react-18.browser.test.ts': 26,
  'packages/server/test/sim/simulation.sim.test.ts': 50,
  'packages/react/test/api-docs.test.ts': 10,
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
