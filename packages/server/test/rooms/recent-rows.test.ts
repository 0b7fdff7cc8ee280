import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { RecentRows, type Renewed } from '../../src/actions/recent-rows.ts'

const renewed = (name: string, rev = 1) => ({ userId: name as UserId, rev })

test('people who come while others are told share the next look, each once, with what is known last', async () => {
  const looks: Omit<Renewed, 'atMs'>[][] = []
  const ends: (() => void)[] = []
  const rows = new RecentRows(async (people) => {
    looks.push(people.map(({ userId, rev }) => ({ userId, rev })))
    await new Promise<void>((resolve) => ends.push(resolve))
  })
  const first = rows.tell([renewed('ann')])
  await expect.poll(() => looks.length, { timeout: 10_000 }).toBe(1)
  const second = [rows.tell([renewed('ben')]), rows.tell([renewed('cho'), renewed('ben', 2)])]
  await rows.tell([])
  expect(looks).toEqual([[renewed('ann')]])
  ends[0]?.()
  await first
  await expect.poll(() => looks.length, { timeout: 10_000 }).toBe(2)
  ends[1]?.()
  await Promise.all(second)
  expect(looks[1]).toEqual([renewed('ben', 2), renewed('cho')])
})

test('a look that fails is told to those it was for, and the next ones are not concerned', async () => {
  let looks = 0
  const rows = new RecentRows(async () => {
    looks += 1
    if (looks === 1) throw new Error('the database is away')
  })
  const [first, second] = [rows.tell([renewed('ann')]), rows.tell([renewed('ben')])]
  await expect(first).rejects.toThrow('away')
  await expect(second).rejects.toThrow('away')
  await rows.tell([renewed('cho')])
  expect(looks).toBe(2)
})
