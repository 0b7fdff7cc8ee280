import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tidinessChecks } from '../scripts/tidiness-checks.mjs'
import { SECONDS_OF_LONG_FILES } from './longest-first.ts'

const ROOT = join(import.meta.dirname, '..')

describe('the house is tidy', () => {
  test.concurrent.each(tidinessChecks)('$promise', async ({ command, args }) => {
    const { status, output } = await run({ command, args, folder: ROOT })
    expect(status, output).toBe(0)
  })

  test('core reads no clock, draws no randomness, starts no timer', () => {
    const impure =
      /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|random[A-Z]\w+|process\.\w|setTimeout|setInterval)/
    const core = join(ROOT, 'packages/server/src/core')
    const found = readdirSync(core, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .filter((name) => impure.test(readFileSync(join(core, name), 'utf8')))
    expect(found).toEqual([])
  })

  test('the files that are known to take long are there', () => {
    const missing = Object.keys(SECONDS_OF_LONG_FILES).filter((path) => !existsSync(join(ROOT, path)))
    expect(missing).toEqual([])
  })

  test('the lockfile names no download address and keeps the floors of the wire libraries', () => {
    const lockfile = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
    expect(lockfile).not.toMatch(/https?:\/\/[^"]*\.tgz/)
    const packages: Record<string, { version?: string }> = JSON.parse(lockfile).packages
    const versionsOf = (name: string) =>
      Object.entries(packages)
        .filter(([path]) => path.endsWith(`node_modules/${name}`))
        .map(([, entry]) => (entry.version ?? '').split('.').map(Number))
    const atLeast = (floor: number[]) => (version: number[]) => compare(version, floor) >= 0
    expect(versionsOf('ws').length).toBeGreaterThan(0)
    expect(versionsOf('ws').every(atLeast([8, 21, 1]))).toBe(true)
    expect(versionsOf('socket.io-parser').length).toBeGreaterThan(0)
    expect(versionsOf('socket.io-parser').every(atLeast([4, 2, 6]))).toBe(true)
  })
})

describe('a forbidden import is caught', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-imports-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const planted: { rule: string; files: Record<string, string> }[] = [
    {
      rule: 'server/core imports no other folder',
      files: { 'server/src/core/reaches-out.ts': imports('../store/b.ts') },
    },
    { rule: 'core is pure', files: { 'server/src/core/impure.ts': imports('node:fs') } },
    {
      rule: 'server/store imports core',
      files: { 'server/src/store/reaches-out.ts': importsType('../ledger/b.ts') },
    },
    {
      rule: 'server/actions imports core',
      files: { 'server/src/actions/reaches-out.ts': imports('../edges/b.ts') },
    },
    {
      rule: 'server/edges imports only types',
      files: { 'server/src/edges/builds.ts': imports('../store/b.ts') },
    },
    {
      rule: 'a folder of the server without a rule',
      files: { 'server/src/extra/a.ts': imports('../core/b.ts') },
    },
    {
      rule: 'only the composition root knows which adapter',
      files: { 'server/src/actions/chooses.ts': imports('../ledger/memory-ledger.ts') },
    },
    {
      rule: 'packages/protocol imports nothing of ours',
      files: { 'protocol/src/a.ts': imports('../../client/src/b.ts') },
    },
    {
      rule: 'packages/client imports packages/protocol',
      files: { 'client/src/reaches-out.ts': imports('../../server/src/index.ts') },
    },
    {
      rule: 'through its public index',
      files: { 'client/src/by-the-window.ts': imports('../../protocol/src/b.ts') },
    },
    { rule: 'the client runs anywhere', files: { 'client/src/on-node.ts': imports('node:os') } },
    { rule: 'no barrels', files: { 'server/src/store/index.ts': imports('./b.ts') } },
    {
      rule: 'no cycles',
      files: {
        'server/src/core/there.ts': imports('./back.ts'),
        'server/src/core/back.ts': importsType('./there.ts'),
      },
    },
    {
      rule: 'what ships never imports tests',
      files: { 'server/src/store/tested.ts': imports('./b.test.ts') },
    },
    { rule: 'every import resolves', files: { 'server/src/store/lost.ts': imports('./missing.ts') } },
  ]

  // One house for all of them, because a cruise takes seconds: what was planted says which line is about which rule.
  let cruise: { status: number; output: string }
  beforeAll(async () => {
    cruise = await depcruise(plantHouse(folder, Object.assign({}, ...planted.map(({ files }) => files))))
  }, 180_000)

  test.each(planted)('$rule', ({ rule, files }) => {
    const broken = cruise.output
      .split('\n')
      .filter((line) => Object.keys(files).some((path) => line.includes(`: packages/${path} →`)))
    expect(broken.join('\n'), cruise.output).toContain(rule)
    expect(cruise.status).not.toBe(0)
  })

  test('and allowed ones are not', async () => {
    const house = plantHouse(folder, {
      'server/src/core/a.ts': imports('node:assert'),
      'server/src/actions/a.ts': imports('../store/b.ts'),
      'server/src/edges/a.ts': importsType('../bus/b.ts'),
      'server/src/main.ts': imports('./ledger/memory-ledger.ts'),
      'server/src/store/a.test.ts': imports('../ledger/memory-ledger.ts'),
      'client/src/a.ts': imports('@tally/protocol'),
    })
    const { status, output } = await depcruise(house)
    expect(status, output).toBe(0)
  })
})

function imports(path: string): string {
  return `import * as it from '${path}'\nexport const value = it\n`
}

function importsType(path: string): string {
  return `import type { value as it } from '${path}'\nexport const value = 1 as unknown as typeof it\n`
}

/** A house of empty rooms with the planted files in it, held by the real rules. */
function plantHouse(parent: string, files: Record<string, string>): string {
  const house = mkdtempSync(join(parent, 'house-'))
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.base.json', 'package.json']) {
    cpSync(join(ROOT, name), join(house, name))
  }
  mkdirSync(join(house, 'node_modules/@tally'), { recursive: true })
  symlinkSync('../../packages/protocol', join(house, 'node_modules/@tally/protocol'))
  const empty = [
    'core/b',
    'store/b',
    'store/b.test',
    'ledger/b',
    'ledger/memory-ledger',
    'bus/b',
    'edges/b',
    'index',
  ]
  const base = [
    ...empty.map((name) => `server/src/${name}.ts`),
    'protocol/src/b.ts',
    'protocol/src/index.ts',
    'client/src/b.ts',
  ]
  const all: Record<string, string> = {
    ...Object.fromEntries(base.map((path) => [path, 'export const value = 1\n'])),
    ...files,
  }
  all['protocol/package.json'] = JSON.stringify({ name: '@tally/protocol', exports: './src/index.ts' })
  for (const [path, text] of Object.entries(all)) {
    const target = join(house, 'packages', path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  return house
}

function depcruise(folder: string) {
  return run({ command: 'depcruise', args: ['--config', '.dependency-cruiser.mjs', 'packages'], folder })
}

function run(job: { command: string; args: string[]; folder: string }) {
  return new Promise<{ status: number; output: string }>((resolve) => {
    const program = join(ROOT, 'node_modules/.bin', job.command)
    const options = { cwd: job.folder, maxBuffer: 32 * 1024 * 1024 }
    execFile(program, job.args, options, (error, stdout, stderr) => {
      resolve({ status: error ? 1 : 0, output: `${stdout}${stderr}` })
    })
  })
}

function compare(a: number[], b: number[]): number {
  const at = a.findIndex((part, index) => part !== b[index])
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
