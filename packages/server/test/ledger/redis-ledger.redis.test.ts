import { afterAll, beforeAll } from 'vitest'
import { type RedisCluster, startRedisCluster } from '../../../../scripts/redis-server.ts'
import { ledgerContract } from '../../src/ledger/ledger.contract.ts'
import { RedisLedger } from '../../src/ledger/redis-ledger.ts'
import { openRedis } from '../../src/redis/open-redis.ts'
import { testRedis } from '../../test-support/test-redis.ts'

const READY_DEADLINE_MS = 30_000

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startRedisCluster()
}, 60_000)
afterAll(() => cluster.stop())

ledgerContract('Redis', (now) => open({ url: testRedis().url }, now))
ledgerContract('Redis Cluster', (now) => open({ url: cluster.url, cluster: true }, now))

async function open(options: { url: string; cluster?: boolean }, now: () => number) {
  const redis = openRedis(options)
  await redis.untilReady(READY_DEADLINE_MS)
  const { prefix } = testRedis()
  const ledger = new RedisLedger({ redis, prefix, now, epoch: () => 0, statsMaxAgeMs: 0 })
  const close = async () => {
    await ledger.drop('all')
    redis.close()
  }
  return { ledger, close }
}
