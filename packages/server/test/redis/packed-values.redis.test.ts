import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenedRedis, openRedis } from '../../src/redis/open-redis.ts'
import { PackedValues } from '../../src/redis/packed-values.ts'
import { testRedis } from '../../test-support/test-redis.ts'

describe('what Redis packs', () => {
  let redis: OpenedRedis
  beforeAll(async () => {
    redis = openRedis({ url: testRedis().url })
    await redis.untilReady(30_000)
  })
  afterAll(() => redis.close())

  async function packed(values: readonly (string | number)[]): Promise<PackedValues> {
    const script = 'return cmsgpack.pack(cjson.decode(ARGV[1]))'
    return new PackedValues(
      (await redis.client.callBuffer('eval', script, 0, JSON.stringify(values))) as Buffer,
    )
  }

  test('is read number by number, whatever its size', async () => {
    const steps = [5, 7, 8, 15, 16, 31, 32, 48].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1])
    const numbers = [0, ...steps, ...steps.map((step) => -step)]
    const values = await packed(numbers)
    expect(numbers.map(() => values.number())).toEqual(numbers)
  })

  test.each([1, 15, 16, 65_535, 65_536])('is read to its end, %i values long', async (length) => {
    const numbers = Array.from({ length }, (_, index) => index)
    const values = await packed(numbers)
    expect(numbers.map(() => values.number())).toEqual(numbers)
    expect(() => values.number()).toThrow()
  })

  test('is read text by text, whatever their length', async () => {
    const texts = [0, 1, 31, 32, 255, 256, 65_535, 65_536].map((length) => `${'가'.repeat(length / 3)}x`)
    const values = await packed(texts)
    expect(texts.map(() => values.text())).toEqual(texts)
  })

  test('can be looked at before it is read', async () => {
    const values = await packed([-1, 'a', 2])
    expect([values.peek(), values.peek(), values.number()]).toEqual([-1, -1, -1])
    expect(() => values.number()).toThrow('packed number')
    expect(values.text()).toBe('a')
    expect(() => values.text()).toThrow('packed text')
  })
})
