import { expect, test } from 'vitest'
import {
  type FunctionSource,
  isMarked,
  isWriting,
  readFunctions,
} from '../../test-support/interleaving-functions.ts'
import type { World } from '../../test-support/interleaving-world.ts'
import { ACTIONS } from './actions.ts'

/** Names as they are; these calls are never made. */
const nowhere = { id: (name: string) => name } as World

/** Functions that write and have no border, for they are part of one statement of others or have nothing to race for. */
const WITHOUT_BORDERS = ['lock_users', 'record_commit', 'maintain_outbox']

/** What they write no badge depends on: files, what was seen, and rows that count for nobody any more. */
const NOT_RACED = ['begin_upload', 'claim_attachments', 'forget_purged', 'see_feed']

test('every function that writes marks the borders of its statements', () => {
  const writing = readFunctions().filter(isWriting)
  const unmarked = writing.filter((source) => !isMarked(source)).map(({ name }) => name)
  expect(unmarked.sort()).toEqual(WITHOUT_BORDERS.sort())
})

test('every function that writes is raced against the others', () => {
  const marked = readFunctions().filter(isMarked)
  const called = ACTIONS.map(({ call }) => call({ world: nowhere, reader: 'ben', side: 'a' }).name)
  const raced = new Set([
    ...called,
    ...marked.filter((source) => isPartOfAnother(source, marked)).map(nameOf),
  ])
  expect(marked.map(nameOf).filter((name) => !raced.has(name))).toEqual(NOT_RACED)
})

function isPartOfAnother({ name }: FunctionSource, functions: readonly FunctionSource[]): boolean {
  return functions.some((other) => other.name !== name && other.text.includes(`${name}(`))
}

function nameOf({ name }: FunctionSource): string {
  return name
}
