import { DATABASES } from './host.ts'
import { TestFleet } from './test-fleet.ts'
import { startTally, type TestTally, type UseTallyOptions, useStarted } from './test-tally.ts'

/** Every way in which the server is run: what is promised is promised for all of them. */
export const DEPLOYMENTS = [...DATABASES, 'three nodes'] as const

export type Deployment = (typeof DEPLOYMENTS)[number]

/** One server, or what looks like one from outside, for the tests of a `describe`. */
export function useDeployment(
  deployment: Deployment,
  env: Record<string, string> = {},
  { expectedErrors = [], ...options }: UseTallyOptions = {},
): () => TestTally {
  const start = (): Promise<TestTally> =>
    deployment === 'three nodes'
      ? TestFleet.start({ ...options, env })
      : startTally(deployment, { ...options, env })
  return useStarted(start, expectedErrors)
}
