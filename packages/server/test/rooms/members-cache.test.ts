import type { RoomId, UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { MembersCache } from '../../src/actions/members-cache.ts'
import type { Recipients } from '../../src/store/read-recipients.ts'

const r1 = 'r1' as RoomId
const r2 = 'r2' as RoomId
const users = (...ids: string[]) => ids as UserId[]

function setUp({ maxMembers = 100 } = {}) {
  const truth = new Map<RoomId, Recipients>([
    [r1, { membership: 1, userIds: users('a', 'b') }],
    [r2, { membership: 5, userIds: users('a', 'c', 'd') }],
  ])
  const reads: RoomId[][] = []
  const cache = new MembersCache({
    maxMembers,
    read: async (roomIds) => {
      reads.push([...roomIds])
      return new Map([...truth].filter(([roomId]) => roomIds.includes(roomId)))
    },
  })
  return { truth, reads, cache }
}

test('a known room answers at once, without a query', async () => {
  const { cache, reads } = setUp()
  expect(await cache.recipients(r1, 1)).toEqual(['a', 'b'])
  expect(cache.recipients(r1, 1)).toEqual(['a', 'b'])
  expect(reads).toEqual([[r1]])
})

test('rooms asked for in one tick share one query', async () => {
  const { cache, reads } = setUp()
  await Promise.all([cache.recipients(r1, 1), cache.recipients(r2, 5), cache.recipients(r1, 1)])
  expect(reads).toEqual([[r1, r2]])
})

test('a list older than the membership asked for is read anew; a newer one serves', async () => {
  const { cache, truth, reads } = setUp()
  await cache.recipients(r1, 1)
  truth.set(r1, { membership: 3, userIds: users('b', 'e') })
  expect(await cache.recipients(r1, 2)).toEqual(['b', 'e'])
  expect(cache.recipients(r1, 1)).toEqual(['b', 'e'])
  expect(reads).toHaveLength(2)
})

test.each([
  ['was heard', (cache: MembersCache) => cache.forget(r1)],
  ['may have been missed', (cache: MembersCache) => cache.clear()],
])('what was read before the end of a membership %s is not remembered', async (_how, end) => {
  const { truth } = setUp()
  truth.set(r1, { membership: 1, userIds: users('a', 'b') })
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
  const cache = new MembersCache({
    maxMembers: 100,
    read: async () => {
      const found = new Map(truth)
      ask()
      await answered
      return found
    },
  })
  const early = cache.isMember(r1, 'b' as UserId)
  await asked
  truth.set(r1, { membership: 2, userIds: users('a') })
  end(cache)
  answer()
  await early
  expect(cache.knows(r1, 'b' as UserId)).toBe(false)
  expect(await cache.isMember(r1, 'b' as UserId)).toBe(false)
})

test('however soon after the answer the end of a membership is heard, it is forgotten', async () => {
  const { truth } = setUp()
  truth.set(r1, { membership: 1, userIds: users('a', 'b') })
  for (let turns = 0; turns < 10; turns += 1) {
    const { promise: answered, resolve: answer } = Promise.withResolvers<ReadonlyMap<RoomId, Recipients>>()
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const cache = new MembersCache({
      maxMembers: 100,
      read: () => {
        ask()
        return answered
      },
    })
    const early = cache.isMember(r1, 'b' as UserId)
    await asked
    answer(new Map(truth))
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
    cache.forget(r1)
    await early
    expect(cache.knows(r1, 'b' as UserId), `${turns} turns`).toBe(false)
  }
})

test('an answer that comes late does not replace a newer one', async () => {
  const { truth } = setUp()
  const answers: PromiseWithResolvers<ReadonlyMap<RoomId, Recipients>>[] = []
  const cache = new MembersCache({
    maxMembers: 100,
    read: () => {
      const answer = Promise.withResolvers<ReadonlyMap<RoomId, Recipients>>()
      answers.push(answer)
      return answer.promise
    },
  })
  const early = cache.recipients(r1, 1)
  await Promise.resolve()
  const late = cache.recipients(r1, 2)
  await Promise.resolve()
  answers[1]!.resolve(new Map([[r1, { membership: 2, userIds: users('z') }]]))
  await late
  answers[0]!.resolve(truth)
  await early
  expect(cache.recipients(r1, 2)).toEqual(['z'])
})

test('who is no member is looked up every time, who is one only once', async () => {
  const { cache, truth, reads } = setUp()
  expect(await cache.isMember(r1, 'a' as UserId)).toBe(true)
  expect(await cache.isMember(r1, 'a' as UserId)).toBe(true)
  expect(reads).toHaveLength(1)
  expect(await cache.isMember(r1, 'e' as UserId)).toBe(false)
  truth.set(r1, { membership: 2, userIds: users('a', 'e') })
  expect(await cache.isMember(r1, 'e' as UserId)).toBe(true)
  expect(await cache.isMember('nowhere' as RoomId, 'a' as UserId)).toBe(false)
})

test('a forgotten room is looked up again', async () => {
  const { cache, truth } = setUp()
  await cache.isMember(r1, 'a' as UserId)
  truth.set(r1, { membership: 2, userIds: users('b') })
  cache.forget(r1)
  expect(cache.known(r1)).toBeUndefined()
  expect(await cache.isMember(r1, 'a' as UserId)).toBe(false)
})

test('it remembers no more members than it may, the last used room always', async () => {
  const { cache } = setUp({ maxMembers: 4 })
  await cache.recipients(r1, 1)
  await cache.recipients(r2, 5)
  expect(cache.known(r1)).toBeUndefined()
  expect(cache.known(r2)).toHaveLength(3)
  const tiny = setUp({ maxMembers: 1 }).cache
  expect(await tiny.recipients(r2, 5)).toHaveLength(3)
  expect(tiny.known(r2)).toHaveLength(3)
})

test('a query that failed is tried again by the next who asks', async () => {
  let down = true
  const { truth } = setUp()
  const cache = new MembersCache({
    maxMembers: 100,
    read: async () => {
      if (down) throw new Error('away')
      return truth
    },
  })
  await expect(cache.recipients(r1, 1)).rejects.toThrow('away')
  down = false
  expect(await cache.recipients(r1, 1)).toEqual(['a', 'b'])
})
