import type { Reporter, TestModule } from 'vitest/node'

/**
 * Closes a run with one plain line, `12 passed, 0 failed`, for programs that read test runs and do not know Vitest's
 * own summary. A file that could not be loaded and an error outside of any test count as one failure each.
 */
export default class PassedFailedReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = testModules.flatMap((testModule) => [...testModule.children.allTests()])
    const count = (state: 'passed' | 'failed' | 'skipped') =>
      tests.filter((test) => test.result().state === state).length
    const brokenModules = testModules.filter((testModule) => testModule.errors().length > 0)
    const failed = count('failed') + brokenModules.length + unhandledErrors.length
    const skipped = count('skipped')
    const line = `${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
    process.stdout.write(`\n${line}\n`)
  }
}
