import { Balancer } from '../../../scripts/balancer.ts'
import { createTestDatabase } from './test-database.ts'
import { testRedis } from './test-redis.ts'
import { startTallyOn, TestTally, type TestTallyOptions } from './test-tally.ts'

/** Three servers on one PostgreSQL and one Redis, behind a balancer without stickiness: from outside, one server. */
export class TestFleet extends TestTally {
  readonly nodes: readonly TestTally[]
  /** Where they keep everything. */
  readonly databaseUrl: string

  private constructor(
    nodes: readonly [TestTally, ...TestTally[]],
    { url, databaseUrl, stop }: { url: string; databaseUrl: string; stop: () => Promise<void> },
  ) {
    const [first] = nodes
    super({ url, ctx: first.ctx, stop }, first.log)
    this.nodes = nodes
    this.databaseUrl = databaseUrl
  }

  static async start({ env = {}, ...options }: TestTallyOptions = {}): Promise<TestFleet> {
    const database = await createTestDatabase('postgres')
    if (!('databaseUrl' in database.options)) throw new Error('several servers need a PostgreSQL')
    const { databaseUrl } = database.options
    const { url, prefix } = testRedis()
    const redis = { REDIS_URL: url, TALLY_REDIS_PREFIX: prefix }
    const start = () => startTallyOn(database.options, { ...options, env: { ...redis, ...env } })
    // The first one prepares the database.
    const nodes = [await start(), ...(await Promise.all([start(), start()]))] as const
    const balancer = await Balancer.open()
    balancer.setTargets(nodes.map((node) => ({ port: Number(new URL(node.url).port) })))
    const stop = async () => {
      for (const node of nodes) await node.stop()
      await balancer.close()
      await database.drop()
    }
    return new TestFleet([...nodes], { url: balancer.url, databaseUrl, stop })
  }

  override get errors(): string[] {
    return this.nodes.flatMap((node) => node.errors)
  }
}
