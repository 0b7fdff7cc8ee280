import { expect, test } from 'vitest'
import { callFigures, type Turn } from './call-count.ts'

function turn(
  withLoad: Record<string, number>,
  withoutLoad: Record<string, number>,
  atRest = withoutLoad,
): Turn {
  const of = (calls: Record<string, number>) => ({
    statements: new Map(Object.entries(calls)),
    redisCommands: 0,
  })
  return { withLoad: of(withLoad), withoutLoad: of(withoutLoad), atRest: of(atRest).statements }
}

test('what a server asks by itself is not counted, however often one turn has more of it', () => {
  const { queries } = callFigures([
    turn({ outbox: 9, beat: 3 }, { outbox: 4, beat: 2 }),
    turn({ outbox: 4, beat: 3 }, { outbox: 5, beat: 1.8 }),
  ])
  expect(queries).toBe(0)
})

test('what runs many statements at once every few seconds is not counted where more of it falls into the load', () => {
  // Five people every 5 s: two runs in 6 s with the load, one without.
  const twice = [turn({ audit: 10 }, { audit: 5 }), turn({ audit: 10 }, { audit: 5 })]
  expect(callFigures(twice).queries).toBe(0)
  // A load that is shorter than the rest before it.
  const short = [turn({ audit: 25 }, { audit: 10.4 }, { audit: 25 }), turn({ audit: 25 }, {}, {})]
  expect(callFigures(short).queries).toBe(0)
})

test('a load that asks once in a thousand times is seen', () => {
  const { queries, statements } = callFigures([
    turn({ person: 5, outbox: 4 }, { outbox: 4 }),
    turn({ person: 5, outbox: 4 }, { outbox: 4 }),
  ])
  expect(queries).toBe(5)
  expect(statements).toEqual([
    { text: 'person', withLoad: 5, withoutLoad: 0, isOfLoad: true },
    { text: 'outbox', withLoad: 4, withoutLoad: 4, isOfLoad: false },
  ])
})

test('of a statement that runs anyway, what the load adds is counted; what begins and ends a transaction is not', () => {
  const { queries } = callFigures([
    turn({ rooms: 100, BEGIN: 90, COMMIT: 90, 'commit_group($1)': 7 }, { rooms: 10 }),
  ])
  expect(queries).toBe(97)
})

test('of several turns the middle one is told', () => {
  expect(callFigures([3, 100, 4].map((calls) => turn({ rooms: calls }, {}))).queries).toBe(4)
})
