import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseOptions } from './options.ts'
import { SERVER_PROGRAM } from './servers/contestants.ts'

const checkout = mkdtempSync(join(tmpdir(), 'tally-before-'))
mkdirSync(dirname(join(checkout, SERVER_PROGRAM)), { recursive: true })
writeFileSync(join(checkout, SERVER_PROGRAM), '')
afterAll(() => rmSync(checkout, { recursive: true }))

test('another checkout is compared with where `pairs` runs', () => {
  expect(parseOptions(['pairs', '--against', checkout]).options.against).toBe(checkout)
  expect(parseOptions(['pairs']).options.against).toBeUndefined()
})

test('a folder without a Tally in it is refused by name', () => {
  expect(() => parseOptions(['pairs', '--against', tmpdir()])).toThrow(
    `--against ${tmpdir()}: name another checkout of this repository; this has no ${SERVER_PROGRAM}`,
  )
})

test('another checkout never lands in the report', () => {
  expect(() => parseOptions(['pairs', '--report', '--against', checkout])).toThrow('exclude each other')
  expect(() => parseOptions(['all', '--against', checkout])).toThrow('exclude each other')
  expect(parseOptions(['all', '--no-report', '--against', checkout]).reportFolder).toBeUndefined()
})

test('where nothing would be compared with another checkout it is refused', () => {
  expect(() => parseOptions(['ceiling', '--against', checkout])).toThrow('--against is for pairs alone')
})
