import type { RoomId, Seq, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { UnstoredDeliveries } from '../../src/actions/unstored-deliveries.ts'
import type { DeliveredTo } from '../../src/store/delivered.ts'

const delivered = (userId: string, seq: number): DeliveredTo => ({
  roomId: 'room' as RoomId,
  userId: userId as UserId,
  seq: seq as Seq,
})

function world({ max = 1_000 } = {}) {
  const stored: DeliveredTo[][] = []
  let fault: Error | undefined
  let meanwhile = (): void => {}
  const deliveries = new UnstoredDeliveries({
    max,
    store: async (rows) => {
      if (fault !== undefined) throw fault
      stored.push([...rows])
      meanwhile()
    },
  })
  return {
    deliveries,
    stored,
    fail: (error: Error | undefined) => {
      fault = error
    },
    during: (does: () => void) => {
      meanwhile = does
    },
  }
}

describe('what devices have and the database does not know yet', () => {
  test('is stored once, as far as it came, however often it was told', async () => {
    const { deliveries, stored } = world()
    for (const seq of [3, 9, 4]) deliveries.note(delivered('ann', seq))
    deliveries.note(delivered('ben', 1))
    await deliveries.store()
    await deliveries.store()
    expect(stored).toEqual([[delivered('ann', 9), delivered('ben', 1)]])
  })

  test('goes in statements of a few hundred rows', async () => {
    const { deliveries, stored } = world({ max: 5_000 })
    for (let i = 0; i < 1_200; i += 1) deliveries.note(delivered(`p${i}`, 1))
    await deliveries.store()
    expect(stored.map(({ length }) => length)).toEqual([500, 500, 200])
  })

  test('is kept while the database is away, a part of it', async () => {
    const { deliveries, stored, fail } = world({ max: 2 })
    fail(new Error('away'))
    for (const userId of ['ann', 'ben', 'cho']) deliveries.note(delivered(userId, 1))
    deliveries.note(delivered('ann', 2))
    await expect(deliveries.store()).rejects.toThrow('away')
    fail(undefined)
    await deliveries.store()
    expect(stored).toEqual([[delivered('ann', 2), delivered('ben', 1)]])
  })

  test('that came further while it was stored is stored again', async () => {
    const { deliveries, stored, during } = world()
    deliveries.note(delivered('ann', 1))
    during(() => deliveries.note(delivered('ann', 2)))
    await deliveries.store()
    await deliveries.store()
    expect(stored.flat().map(({ seq }) => seq)).toEqual([1, 2])
  })
})
