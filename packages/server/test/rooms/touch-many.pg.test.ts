import { RequestError, type UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import type { Renewed } from '../../src/actions/recent-rows.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { useTally } from '../../test-support/test-tally.ts'

const PEOPLE = 250

const tally = useTally('pglite')

/** Everybody is here, and was told the numbers of copies that are gone. */
async function everybodyIsHere(): Promise<UserId[]> {
  const { ctx } = tally()
  const userIds = Array.from({ length: PEOPLE }, (_, index) => `person-${index}` as UserId)
  for (const userId of userIds) ctx.devices.connect({ userId, deviceId: `socket:${userId}` })
  await ctx.warmer.ensure(userIds)
  for (const userId of userIds) ctx.devices.touched(userId, 1, 0)
  return userIds
}

test('the touch of many whose copies are new does not wait for the rows of some before it comes to the others', async () => {
  const { ctx } = tally()
  await everybodyIsHere()
  const asked: UserId[] = []
  const looked = Promise.withResolvers<void>()
  const tell = (people: readonly Omit<Renewed, 'atMs'>[]): Promise<void> => {
    asked.push(...people.map(({ userId }) => userId))
    return looked.promise
  }
  const touching = touchDevices({ ...ctx, recentRows: { tell } as unknown as typeof ctx.recentRows })
  await expect.poll(() => asked.length, { timeout: 15_000 }).toBe(PEOPLE)
  looked.resolve()
  await touching
})

test('rows that could not be looked up while others are still asserted end the touch, and not the process', async () => {
  const { ctx } = tally()
  await everybodyIsHere()
  const unhandled: unknown[] = []
  const note = (why: unknown): void => void unhandled.push(why)
  process.on('unhandledRejection', note)
  try {
    const refusal = new RequestError('storage_unavailable')
    const recentRows = { tell: () => Promise.reject(refusal) } as unknown as typeof ctx.recentRows
    await expect(touchDevices({ ...ctx, recentRows }, { spreadOverMs: 100 })).rejects.toBe(refusal)
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', note)
  }
})
