import { describe, expect, test } from 'vitest'
import { type PollAnswer, type PollPlan, planPoll } from './poll-plan.ts'

/** Answers one after the other; without jitter. */
function plans(...answers: (Partial<PollAnswer> & { answeredAt: number })[]): PollPlan[] {
  const made: PollPlan[] = []
  for (const answer of answers) {
    made.push(
      planPoll(made.at(-1), { data: 'same', hintMs: undefined, load: undefined, random: 0.5, ...answer }),
    )
  }
  return made
}

const delays = (...answers: Parameters<typeof plans>) => plans(...answers).map(({ delayMs }) => delayMs)

describe('the interval', () => {
  test('is 5 s where nothing moves, 1 s where something does, 2 s for a minute after that', () => {
    expect(
      delays(
        { answeredAt: 0 },
        { answeredAt: 5_000 },
        { answeredAt: 10_000, data: 'new' },
        { answeredAt: 18_000, data: 'new' },
        { answeredAt: 22_000, data: 'new' },
        { answeredAt: 71_000, data: 'new' },
      ),
    ).toEqual([5_000, 5_000, 1_000, 1_000, 2_000, 5_000])
  })

  test('is what the server asks for', () => {
    expect(delays({ answeredAt: 0, hintMs: 3_000 }, { answeredAt: 1, hintMs: 900, data: 'new' })).toEqual([
      3_000, 900,
    ])
  })

  test('grows by half with every answer of a busy server, up to 10 s, and is as before with the first that is not', () => {
    const busy = (answeredAt: number) => ({ answeredAt, hintMs: 2_000, load: 0.9 })
    expect(
      delays(busy(1), busy(2), busy(3), busy(4), busy(5), { answeredAt: 6, hintMs: 2_000, load: 0.8 }),
    ).toEqual([3_000, 4_500, 6_750, 10_000, 10_000, 2_000])
  })

  test('is never shorter than what a busy server asks for', () => {
    expect(delays({ answeredAt: 1, hintMs: 20_000, load: 1 })).toEqual([20_000])
  })
})
