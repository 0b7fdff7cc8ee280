import { expect, test } from 'vitest'
import { heldText, newsBar } from './poll.ts'

const step = (perSecond: number, p99: number) => ({ perSecond, p99, failed: 0 })

test('a climb that ended with the list says so, one that the server ended does not', () => {
  expect(heldText([step(8_000, 10), step(15_000, 14)])).toBe('15,000/s, the highest tried,')
  expect(heldText([step(8_000, 10), step(15_000, 140)])).toBe('8,000/s')
  expect(heldText([step(8_000, 140)])).toBe('0/s')
})

test('news that is refused or that a poll does not tell of is wrong at any rate', () => {
  const told = { newsSent: 1_000, newsRefused: 0, newsMissed: 0 }
  expect(newsBar([told, told])).toMatchObject({ mustHold: true, held: true })
  expect(newsBar([{ ...told, newsRefused: 1 }, told]).held).toBe(false)
  expect(newsBar([told, { ...told, newsMissed: 2 }])).toMatchObject({
    held: false,
    measured: '2,000 sent, 0 refused or unanswered; 2 polls told of less',
  })
})
