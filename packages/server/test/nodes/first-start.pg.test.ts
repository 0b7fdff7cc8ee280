import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'
import { testRedis } from '../../test-support/test-redis.ts'
import { startTallyOn } from '../../test-support/test-tally.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase('postgres')
})
afterAll(() => database.drop())

test('the first server to use a Redis uses it from its first moment', async () => {
  const { url, prefix } = testRedis()
  const env = { REDIS_URL: url, TALLY_REDIS_PREFIX: prefix }
  const server = await startTallyOn(database.options, { env })
  const roomId = await server.room('ann', 'ben')
  await server.send('ben', roomId, 'hello')
  expect(await server.badge('ann')).toMatchObject({ total: 1 })
  await server.stop()
  expect(server.log.filter((line) => line.includes('Redis'))).toEqual([])
})
