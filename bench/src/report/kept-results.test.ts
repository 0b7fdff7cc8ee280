import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hasFailed, keepFailure, keepResult, keptOf } from './kept-results.ts'
import type { Bar, Written } from './result.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tally-kept-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const WRONG: Bar = { promise: 'wrong badges 0', measured: '1', held: false, mustHold: true }

const measured = (title: string, voidBecause: string[] = [], bars: Bar[] = []): Written => ({
  ...{
    scenario: 'soak',
    title,
    what: '',
    bars,
    tables: [],
    plots: [],
    notes: [],
    voidBecause,
    figures: {},
  },
  ...{ measuredAt: '2026-01-01T00:00:00Z', tookSeconds: 1, rounds: 1, flags: '' },
  machine: { commit: 'abc' } as Written['machine'],
})
const titleKept = () => keptOf('soak', folder)?.title

test('what is measured anew takes the place of what was measured before', () => {
  expect(keepResult(measured('a minute', ['it is short']), folder)).toBe(true)
  expect(keepResult(measured('another minute', ['it is short']), folder)).toBe(true)
  expect(titleKept()).toBe('another minute')
  expect(keepResult(measured('half an hour'), folder)).toBe(true)
  expect(keepResult(measured('another half hour'), folder)).toBe(true)
  expect(titleKept()).toBe('another half hour')
})

test('what is void takes no place of what proves something, and is no failure', () => {
  keepResult(measured('half an hour'), folder)
  keepFailure({ scenario: 'soak', failedAt: '2026-01-01T00:00:00Z', commit: 'abc', why: 'no disk' }, folder)
  expect(keepResult(measured('a minute', ['it is short']), folder)).toBe(false)
  expect(titleKept()).toBe('half an hour')
  expect(hasFailed('soak', folder)).toBe(false)
})

test('what is void and wrong is not dropped, and stays until something is proven again', () => {
  keepResult(measured('half an hour'), folder)
  expect(keepResult(measured('a wrong minute', ['it is short'], [WRONG]), folder)).toBe(true)
  expect(titleKept()).toBe('a wrong minute')
  expect(keepResult(measured('a minute', ['it is short']), folder)).toBe(false)
  expect(titleKept()).toBe('a wrong minute')
  expect(keepResult(measured('another half hour'), folder)).toBe(true)
})
