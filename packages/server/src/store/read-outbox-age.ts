import type { Database } from './open-database.ts'

/** How long the oldest change has waited for its delivery, in ms; 0 when none does. */
export async function readOutboxAgeMs(db: Database): Promise<number> {
  const rows = await db.query<{ ageMs: number }>({
    name: 'read-outbox-age',
    text: `
      select coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::float8 as "ageMs"
      from outbox where done_at is null`,
    values: [],
  })
  return rows[0]?.ageMs ?? 0
}
