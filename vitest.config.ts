import { defaultServerConditions } from 'vite'
import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

const FOLDERS = '{packages/*/{src,test},apps/*/{src,test},bench}/**'
const TESTS = [`${FOLDERS}/*.test.{ts,tsx}`]

/** Suffixes of the tests that run against real servers; these are started once, for all of them. */
const SERVER_TESTS = [`${FOLDERS}/*.{pg,redis}.test.{ts,tsx}`]
/** Those that drive a browser as well. */
const BROWSER_TESTS = [`${FOLDERS}/*.browser.test.{ts,tsx}`]

/** Packages of this repository are read as their sources, not as what was built of them to be published. */
const CONDITIONS = ['@tally/source', ...defaultServerConditions]

export default defineConfig({
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/passed-failed-reporter.ts'],
    allowOnly: false,
    sequence: { sequencer: LongestFirst },
    // What comes comes at once; this is how long a machine may take that has other things to do.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'tidiness',
          include: ['test/*.test.ts'],
          testTimeout: 180_000,
          // Alone and first: compilers beside the other tests would take the time those measure.
          sequence: { groupOrder: 0 },
          maxConcurrency: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'rules',
          include: TESTS,
          exclude: [...configDefaults.exclude, ...SERVER_TESTS, ...BROWSER_TESTS],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: SERVER_TESTS,
          globalSetup: ['./test/test-servers.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          // One more than there are processors on a small machine: much of what they do is wait.
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browsers',
          include: BROWSER_TESTS,
          globalSetup: ['./test/test-servers.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
