import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, 'src/main.ts')
/** Enough for a machine that has other things to do: what is looked at here is whether it is right, not how fast. */
const DEADLINE_MS = 600_000

const folder = mkdtempSync(join(tmpdir(), 'tally-bench-report-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test(
  'every scenario measures, finds every badge right, and writes its part of the report',
  async () => {
    const bench = spawn(
      process.execPath,
      // Without peers, which nothing else here needs: `--peers --short` tries them where they are installed.
      [PROGRAM, 'all', '--short', '--report', '--report-folder', folder],
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
    const scenarios = readdirSync(join(folder, 'bench')).map((file) => basename(file, '.json'))
    expect(scenarios.length).toBeGreaterThan(15)
    for (const name of scenarios) expect(report).toContain(`npm run bench -- ${name} --report`)
    expect(readFileSync(join(folder, 'images/bench-groups.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
    expect(report.split('\n').filter((line) => /NaN|undefined/.test(line))).toEqual([])
  },
  DEADLINE_MS,
)
