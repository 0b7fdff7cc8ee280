import type { TestProject } from 'vitest/node'
import { archiveEmptyCluster } from '../packages/server/test-support/empty-cluster.ts'
import { findChromium } from '../scripts/find-chromium.mjs'
import { startPostgresCluster } from '../scripts/postgres-cluster.ts'
import { startRedisServer } from '../scripts/redis-server.ts'

/** A server that somebody else started is not ours to stop. */
const leaveRunning = async () => {}

/** Starts what the tests of real servers need, once per run, and stops it when they are over. */
export default async function startTestServers(project: TestProject): Promise<() => Promise<void>> {
  // Empty when there is none: then the browser tests alone fail, saying that they could not start it.
  project.provide('chromiumPath', findChromium() ?? '')
  const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env
  const [postgres, redis, cluster] = await Promise.all([
    TEST_DATABASE_URL ? { url: TEST_DATABASE_URL, stop: leaveRunning } : startPostgresCluster(),
    TEST_REDIS_URL ? { url: TEST_REDIS_URL, stop: leaveRunning } : startRedisServer(),
    archiveEmptyCluster(),
  ])
  project.provide('postgresUrl', postgres.url)
  project.provide('redisUrl', redis.url)
  project.provide('emptyCluster', cluster.path)
  return async () => {
    await Promise.all([postgres.stop(), redis.stop(), cluster.remove()])
  }
}
