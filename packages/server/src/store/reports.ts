import type { IsoTime, Report, RoomId, UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

type NewReport = { id: string; reporterId: UserId; reason: string; note: string | null }

/** Reports a message; `false` when the reporter is not in its room, or there is no such message. */
export async function reportMessage(
  db: Database,
  { id, reporterId, roomId, seq, reason, note }: NewReport & { roomId: RoomId; seq: number },
): Promise<boolean> {
  const [row] = await db.query<{ isThere: boolean }>({
    name: 'report-message',
    text: `
      with said as (
        select x.room_id, x.seq, x.sender_id, x.text from messages x
        where x.room_id = $3 and x.seq = $4 and x.deleted_at is null and is_chat_member($3, $2)
      ), reported as (
        insert into reports (id, reporter_id, user_id, room_id, seq, text, reason, note)
        select $1, $2, said.sender_id, said.room_id, said.seq, said.text, $5, $6 from said
        on conflict (reporter_id, room_id, seq, user_id) where resolved_at is null do nothing
      )
      select exists (select from said) as "isThere"`,
    values: [id, reporterId, roomId, seq, reason, note],
  })
  return row?.isThere === true
}

/** Reports a person; `false` unless both were ever in one room. */
export async function reportPerson(
  db: Database,
  { id, reporterId, userId, reason, note }: NewReport & { userId: UserId },
): Promise<boolean> {
  const [row] = await db.query<{ isThere: boolean }>({
    name: 'report-person',
    text: `
      with met as (
        select u.id from users u
        where u.id = $3 and u.id <> $2 and exists (
          select from members mine join members theirs on theirs.room_id = mine.room_id
          where mine.user_id = $2 and theirs.user_id = u.id)
      ), reported as (
        insert into reports (id, reporter_id, user_id, reason, note)
        select $1, $2, met.id, $4, $5 from met
        on conflict (reporter_id, room_id, seq, user_id) where resolved_at is null do nothing
      )
      select exists (select from met) as "isThere"`,
    values: [id, reporterId, userId, reason, note],
  })
  return row?.isThere === true
}

export type ReportPlace = { createdAt: IsoTime; id: string }

const COLUMNS = `p.id, p.reporter_id as "reporterId", p.user_id as "userId", p.room_id as "roomId", p.seq, p.text, p.reason,
  p.note, iso_time(p.created_at) as "createdAt", iso_time(p.resolved_at) as "resolvedAt"`

/** Reports before a place, the newest first. */
export async function readReportPage(
  db: Database,
  { before, limit }: { before: ReportPlace | null; limit: number },
): Promise<Report[]> {
  return db.query<Report>({
    name: 'read-report-page',
    text: `
      select ${COLUMNS} from reports p
      where (p.created_at, p.id) < (coalesce($1::timestamptz, 'infinity'), $2::text)
      order by p.created_at desc, p.id desc limit $3`,
    values: [before?.createdAt ?? null, before?.id ?? '', limit],
  })
}

/** What somebody reported. */
export async function readReportsOf(db: Database, userId: UserId): Promise<Report[]> {
  return db.query<Report>({
    name: 'read-reports-of',
    text: `select ${COLUMNS} from reports p where p.reporter_id = $1 order by p.created_at`,
    values: [userId],
  })
}

/** A report is dealt with; `false` when there is none of that id. */
export async function resolveReport(db: Database, id: string): Promise<boolean> {
  const rows = await db.query({
    name: 'resolve-report',
    text: `
      update reports p set resolved_at = coalesce(p.resolved_at, clock_timestamp()), text = null
      where p.id = $1 returning true`,
    values: [id],
  })
  return rows.length > 0
}
