import type { TestProject } from 'vitest/node'
import { findChromium } from '../scripts/find-chromium.mjs'
import { startPostgresCluster } from '../scripts/postgres-cluster.ts'

/** Starts what the tests of real servers need, once per run, and stops it when they are over. */
export default async function startTestServers(project: TestProject): Promise<() => Promise<void>> {
  // Empty when there is none: then the browser tests alone fail, saying that they could not start it.
  project.provide('chromiumPath', findChromium() ?? '')
  const ownUrl = process.env.TEST_DATABASE_URL
  const cluster = ownUrl ? { url: ownUrl, stop: async () => {} } : await startPostgresCluster()
  project.provide('postgresUrl', cluster.url)
  return cluster.stop
}
