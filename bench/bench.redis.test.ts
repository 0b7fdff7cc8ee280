import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, 'src/main.ts')
/** Enough for a machine that has other things to do: what is looked at here is whether it is right, not how fast. */
const DEADLINE_MS = 175_000
/** The oracle beside a rival, and everything that `capacity` computes with: half of a minute in all. */
const SCENARIOS = ['pairs', 'where', 'groups', 'history', 'idle', 'poll', 'mix', 'capacity']

const folder = mkdtempSync(join(tmpdir(), 'tally-bench-report-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test(
  'the bench measures, finds every badge right, and writes its report',
  async () => {
    const bench = spawn(
      process.execPath,
      [PROGRAM, ...SCENARIOS, '--short', '--report', '--report-folder', folder],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const timer = setTimeout(() => bench.kill('SIGKILL'), DEADLINE_MS - 5_000)
    const said: string[] = []
    for (const stream of [bench.stdout, bench.stderr]) {
      stream.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    }
    const [code] = await once(bench, 'close')
    clearTimeout(timer)
    expect(code, said.join('')).toBe(0)
    const report = readFileSync(join(folder, 'BENCHMARKS.md'), 'utf8')
    for (const name of SCENARIOS) expect(report).toContain(`npm run bench -- ${name}`)
    expect(readFileSync(join(folder, 'images/bench-groups.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
    expect(report).not.toMatch(/NaN|undefined/)
  },
  DEADLINE_MS,
)
