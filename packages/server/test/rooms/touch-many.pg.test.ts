import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import type { Renewed } from '../../src/actions/recent-rows.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { useTally } from '../../test-support/test-tally.ts'

const PEOPLE = 250

const tally = useTally('pglite')

test('the touch of many whose copies are new does not wait for the rows of some before it comes to the others', async () => {
  const { ctx } = tally()
  const userIds = Array.from({ length: PEOPLE }, (_, index) => `person-${index}` as UserId)
  for (const userId of userIds) ctx.devices.connect({ userId, deviceId: `socket:${userId}` })
  await ctx.warmer.ensure(userIds)
  // As they were told by copies of before.
  for (const userId of userIds) ctx.devices.touched(userId, 1, 0)
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
