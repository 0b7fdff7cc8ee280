import { expect, test } from 'vitest'
import { sequential, tallyPostgres } from '../servers/contestants.ts'
import type { StepFigures } from './pairs-run.ts'
import { missingBar } from './smoke.ts'

const step = (contestant: string, parts: Partial<StepFigures>): StepFigures =>
  ({ contestant, refused: 0, unanswered: 0, unseen: 0, ...parts }) as unknown as StepFigures

test('a message of Tally that was refused, not answered or not seen is wrong', () => {
  expect(missingBar([step(tallyPostgres.name, {})])).toMatchObject({ mustHold: true, held: true })
  for (const missing of [{ refused: 1 }, { unanswered: 1 }, { unseen: 1 }]) {
    expect(missingBar([step(tallyPostgres.name, missing)]).held).toBe(false)
    expect(missingBar([step(sequential.name, missing)]).held).toBe(true)
  }
})
