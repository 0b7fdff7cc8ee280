import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { hasFailed, keepFailure, keepResult, readKept } from './kept-results.ts'
import { markdownOf } from './markdown.ts'
import type { Written } from './result.ts'

const MACHINE = {
  ...{
    cores: 2,
    cpu: 'a processor',
    memoryGb: 8,
    system: 'Linux 6',
    node: 'v24.0.0',
    postgres: '15',
    redis: '7',
  },
  ...{ ejabberd: 'none', commit: 'abc', disk: { fileSystem: 'ext4', commitMs: 0.5 } },
}

function written(parts: Partial<Written>): Written {
  return {
    ...{
      scenario: 'pairs',
      title: 'In pairs',
      what: 'Something.',
      bars: [],
      tables: [],
      plots: [],
      notes: [],
    },
    ...{ voidBecause: [], figures: {}, measuredAt: '2026-01-01T00:00:00Z', tookSeconds: 1, machine: MACHINE },
    ...{ rounds: 3, flags: '' },
    ...parts,
  }
}

const report = (...results: Written[]): string => markdownOf({ results, failures: [] })
const lineWith = (text: string, words: string): string | undefined =>
  text.split('\n').find((line) => line.includes(words))

const folder = mkdtempSync(join(tmpdir(), 'tally-report-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('every scenario is listed with the commit it was measured at, and the head names all of them', () => {
  const other = written({ scenario: 'storm', title: 'Storm', machine: { ...MACHINE, commit: 'def' } })
  const text = report(written({}), other)
  expect(lineWith(text, '[`pairs`](#in-pairs)')).toMatch(/\| measured at `abc` \| 3 \|/)
  expect(lineWith(text, '[`storm`](#storm)')).toContain('measured at `def`')
  expect(lineWith(text, 'The figures are of 2 commits')).toContain('`abc`, `def`')
  expect(report(written({}))).toContain('All figures are of commit `abc`.')
  expect(lineWith(text, '| `ceiling` |')).toContain('**not measured**')
  expect(lineWith(text, 'Not measured, and not counted')).toMatch(/`ceiling`.*`capacity`/)
})

test('speed and correctness are counted apart; what is void or was not measured is counted in neither', () => {
  const text = report(
    written({
      bars: [
        { promise: 'quick', measured: '1 ms', held: true },
        { promise: 'quicker', measured: '2 ms', held: false },
        { promise: 'unknown', measured: 'NaN ms', held: false },
        { promise: 'hindered', measured: '3 ms', held: true, voidBecause: 'a reason' },
        { promise: 'wanted', measured: '4 ms', held: false, isAim: true },
        { promise: 'right', measured: '0', held: true, mustHold: true },
      ],
    }),
  )
  expect(lineWith(text, '**Fast:')).toBe(
    '- **Fast: 1 of 2 bars are held, 1 void, 1 not measured.** Aims beyond them: 0 of 1 reached.',
  )
  expect(lineWith(text, '| wanted |')).toMatch(/\| \*\*not reached\*\* \|$/)
  expect(text).toContain('**Right: 1 of 1 bars are held.**')
  expect(lineWith(text, '| unknown |')).toMatch(/\| – \| 3 rounds \| not measured \|$/)
  expect(lineWith(text, '| hindered |')).toMatch(/\| void: a reason \|$/)
  expect(text).not.toContain('NaN')
})

test('nothing that is void is said in short', () => {
  const parts = { highlights: ['It is fast.'], voidBecause: ['the generator was late'] }
  expect(report(written({ highlights: ['It is fast.'] }))).toContain('- It is fast.')
  const text = report(written(parts))
  expect(text).not.toContain('It is fast.')
  expect(text).toContain('**Void:** the generator was late.')
})

test('a command brings back every row that stands there', () => {
  const tables = [
    {
      caption: '',
      head: ['', ''],
      rows: [
        ['`tally-redis`', 1],
        ['`ejabberd`', 2],
      ],
    },
  ]
  expect(report(written({ tables, flags: '--rounds 5' }))).toContain(
    '`npm run bench -- pairs --report --rounds 5 --peers`',
  )
})

test('a scenario that failed says so until it is measured again, and its figures are of before', () => {
  keepResult(written({}), folder)
  keepFailure({ scenario: 'pairs', failedAt: '2026-01-02T00:00:00Z', commit: 'abc', why: 'no room' }, folder)
  const text = markdownOf(readKept(folder))
  expect(text).toContain('**the last try failed** (2026-01-02, abc): no room')
  expect(text).toContain('**The last try failed:** these figures are from before it.')
  expect(hasFailed('pairs', folder)).toBe(true)
  keepResult(written({}), folder)
  expect(markdownOf(readKept(folder))).not.toContain('last try failed')
})

test('the machine is told with its file system and what one commit takes', () => {
  const slower = { ...MACHINE, disk: { fileSystem: 'ext4', commitMs: 0.75 } }
  const text = report(written({}), written({ scenario: 'storm', machine: slower }))
  expect(lineWith(text, '**The machine:**')).toMatch(/PostgreSQL on ext4.*0\.50 to 0\.75 ms/)
})

test('every bar says of how many rounds it is, and what is wrong is said first of all, void or not', () => {
  const bars = [{ promise: 'no badge wrong', measured: '2', held: false, mustHold: true }]
  const text = report(written({ bars, rounds: 1, voidBecause: ['it is short'] }))
  expect(lineWith(text, '| no badge wrong |')).toMatch(/\| 2 \| one round \| \*\*not held\*\* \|$/)
  expect(lineWith(text, '**Wrong in `pairs`:**')).toContain('no badge wrong')
  expect(text).toContain('**Right: 0 of 1 bars are held.**')
})
