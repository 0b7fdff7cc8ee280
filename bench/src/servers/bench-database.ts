import pg from 'pg'
import { startPostgresCluster } from '../../../scripts/postgres-cluster.ts'

/** A PostgreSQL with fsync and synchronous_commit on, and fresh databases in it. */
export type BenchDatabase = { create: () => Promise<string>; stop: () => Promise<void> }

/** BENCH_DATABASE_URL names a server to use (its user may create databases); else a private one is started. */
export async function startBenchDatabase(): Promise<BenchDatabase> {
  const own = process.env.BENCH_DATABASE_URL
  const cluster = own === undefined ? await startPostgresCluster() : { url: own, stop: async () => {} }
  let created = 0
  return {
    create: async () => {
      created += 1
      const name = `tally_bench_${process.pid}_${created}`
      const client = new pg.Client({ connectionString: cluster.url })
      await client.connect()
      await client.query(`drop database if exists ${name}`)
      await client.query(`create database ${name}`)
      await client.end()
      const url = new URL(cluster.url)
      url.pathname = `/${name}`
      return url.href
    },
    stop: cluster.stop,
  }
}
