import { execFileSync } from 'node:child_process'
import { withDatabase } from '../servers/seed.ts'
import type { Storages } from '../servers/storage.ts'
import { median } from './percentiles.ts'

/** What PostgreSQL writes to, and how long it takes there to keep one row for good. */
export type Disk = { fileSystem: string; commitMs: number }

const COMMITS = 200

/** Commits rows one after the other, with nothing else going on. */
export function measureDisk(storages: Storages): Promise<Disk> {
  return storages.lend(({ databaseUrl }) =>
    withDatabase(databaseUrl, async (database) => {
      await database.query('set synchronous_commit = on')
      await database.query('create table committed (n int)')
      const times: number[] = []
      for (let n = 0; n < COMMITS; n += 1) {
        const startMs = performance.now()
        await database.query('insert into committed values ($1)', [n])
        times.push(performance.now() - startMs)
      }
      const { rows } = await database.query<{ folder: string }>(
        `select current_setting('data_directory') as folder`,
      )
      return { fileSystem: fileSystemOf(rows[0]?.folder ?? ''), commitMs: median(times) }
    }),
  )
}

function fileSystemOf(folder: string): string {
  try {
    const said = execFileSync('df', ['--output=fstype', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return said.trim().split('\n').at(-1) ?? 'unknown'
  } catch {
    // A database elsewhere, or a system with another `df`.
    return 'unknown'
  }
}
