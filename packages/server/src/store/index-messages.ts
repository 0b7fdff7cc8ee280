import type { IsoTime, RoomId } from '@tally/protocol'
import { NOT_FLUSHED } from './not-flushed.ts'
import type { Database } from './open-database.ts'

/**
 * Whether this node is the one that keeps the index, now and for the next seconds; another may be it then.
 * @throws RequestError `storage_unavailable`.
 */
export async function claimIndexing(db: Database, { forMs }: { forMs: number }): Promise<boolean> {
  const rows = await db.query({
    name: 'claim-indexing',
    text: `
      with claimed as (
        update search_progress p
        set node_id = current_setting('application_name'),
          claimed_until = clock_timestamp() + make_interval(secs => $1 / 1000.0)
        where p.claimed_until < clock_timestamp()
          or (p.node_id = current_setting('application_name')
            and p.claimed_until < clock_timestamp() + make_interval(secs => $1 / 2000.0))
        returning true
      )
      select from claimed
      union all
      select from search_progress p
      where p.node_id = current_setting('application_name') and p.claimed_until > clock_timestamp()
      limit 1`,
    values: [forMs],
  })
  return rows.length > 0
}

/**
 * Rooms in which something was committed since the index last knew of everything, and what to note once it does again.
 * `isAll`: there is nothing behind it.
 */
export type TouchedRooms = {
  roomIds: RoomId[]
  upTo: string
  isNew: boolean
  isAll: boolean
  hasGap: boolean
}

/**
 * Of about `limit` commits, the oldest first. They are found by their transactions, because they commit in another order
 * than their numbers are drawn in. A gap: there is no place to go on from, or the database is an older one than it was
 * then, so every room has to be looked at. What it cannot see (rows that are gone since, or whose numbers were given out
 * twice) the sweep of all rooms finds.
 */
export async function readTouchedRooms(db: Database, { limit }: { limit: number }): Promise<TouchedRooms> {
  const [read] = await db.query<TouchedRooms>({
    name: 'read-touched-rooms',
    text: TOUCHED_ROOMS,
    values: [limit],
  })
  if (read === undefined) throw new Error('the index has no progress')
  return read
}

// Of a page with others behind it, what was over is what is over now and not newer than the page's last transaction: it
// is read whole, with everything that it wrote.
const TOUCHED_ROOMS = `
  with span as materialized (
    select pg_current_snapshot() as now,
      case when pg_snapshot_xmax(p.told::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
        then p.told::pg_snapshot end as told
    from search_progress p
  ), page as materialized (
    select o.xact, o.payload from span cross join lateral (
      select x.xact, x.payload from outbox x where x.xact >= pg_snapshot_xmax(span.told)
      order by x.xact fetch first ($1::bigint) rows with ties) o
  ), page_end as materialized (
    select case when count(*) >= $1::bigint then max(page.xact::text::bigint) end as last from page
  ), fresh as (
    select page.payload from page
    union all
    select o.payload from span cross join pg_snapshot_xip(span.told) late(xact)
    cross join lateral (select * from outbox x where x.xact = late.xact order by x.xact) o
  )
  select span.told is null as "hasGap", page_end.last is null as "isAll", exists (select from fresh) as "isNew",
    case when page_end.last is null then span.now::text else (
      select concat_ws(':', coalesce(min(late.xact::text::bigint), page_end.last + 1), page_end.last + 1,
        coalesce(string_agg(late.xact::text, ',' order by late.xact), ''))
      from pg_snapshot_xip(span.now) late(xact) where late.xact::text::bigint <= page_end.last) end as "upTo",
    coalesce((
      select json_agg(distinct room ->> 'roomId')
      from fresh cross join json_array_elements(fresh.payload -> 'rooms') room), '[]') as "roomIds"
  from span cross join page_end`

/**
 * The index knows of everything that was committed before this. Who noted more keeps it (another whose claim ran out is
 * not told so before it ends), unless that is from a time this database has not come to.
 */
export async function noteIndexed(db: Database, upTo: string): Promise<void> {
  await db.query({
    name: 'note-indexed',
    text: `
      with noted as (
        update search_progress p set told = $1
        where p.told is null
          or pg_snapshot_xmax(p.told::pg_snapshot) <= pg_snapshot_xmax($1::pg_snapshot)
          or pg_snapshot_xmax(p.told::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot())
      )
      select ${NOT_FLUSHED}`,
    values: [upTo],
  })
}

/** Up to `limit` rooms after one, in order of their ids, whose messages are not all in the index as they are now. */
export async function readRoomsBehind(
  db: Database,
  { afterRoomId, limit }: { afterRoomId: RoomId | null; limit: number },
): Promise<RoomId[]> {
  const rows = await db.query<{ id: RoomId }>({
    name: 'read-rooms-behind',
    text: `
      select r.id from rooms r
      left join lateral (select s.change from search_rooms s where s.room_id = r.id limit 1) s on true
      where r.id > $1 and r.kind <> 'feed' and r.change > coalesce(s.change, 0)
      order by r.id limit $2`,
    values: [afterRoomId ?? '', limit],
  })
  return rows.map(({ id }) => id)
}

/** A message whose entry in the index is missing or old. `text` is null when it is to have none. */
export type UnindexedMessage = {
  roomId: RoomId
  seq: number
  change: number
  createdAt: IsoTime
  text: string | null
}

/** What of some rooms is not in the index yet; `upTo` is the change to which each room will be. */
export async function readUnindexed(
  db: Database,
  { roomIds, limitPerRoom }: { roomIds: readonly RoomId[]; limitPerRoom: number },
): Promise<{ messages: UnindexedMessage[]; rooms: { roomId: RoomId; upTo: number; isAll: boolean }[] }> {
  const rows = await db.query<{ roomId: RoomId; change: number; messages: UnindexedMessage[] }>({
    name: 'read-unindexed',
    text: `
      select r.id as "roomId", r.change, coalesce((
        select json_agg(json_build_object('roomId', r.id, 'seq', m.seq, 'change', m.change,
          'createdAt', iso_time(m.created_at), 'text', case when m.deleted_at is null then m.text end) order by m.change)
        from (
          select x.seq, x.change, x.created_at, x.deleted_at, x.text from messages x
          where x.room_id = r.id and x.change > s.change order by x.change limit $2
        ) m), '[]') as messages
      from unnest($1::text[]) named(room_id)
      cross join lateral (select y.id, y.change, y.kind from rooms y where y.id = named.room_id limit 1) r
      cross join lateral (
        select coalesce((select k.change from search_rooms k where k.room_id = r.id limit 1), 0) as change) s
      where r.kind <> 'feed' and r.change > s.change`,
    values: [roomIds, limitPerRoom],
  })
  return {
    messages: rows.flatMap(({ messages }) => messages),
    rooms: rows.map(({ roomId, change, messages }) => {
      const isAll = messages.length < limitPerRoom
      return { roomId, upTo: isAll ? change : (messages.at(-1)?.change ?? change), isAll }
    }),
  }
}

/** An entry; without tokens it is taken out. */
export type IndexEntry = {
  roomId: RoomId
  seq: number
  change: number
  createdAt: IsoTime
  tokens: string[] | null
}

/** Tokens stand between line breaks, which no token has. */
const BETWEEN_TOKENS = '\n'

/**
 * Writes entries, and up to where their rooms are in the index, as long as this node is the one that keeps it: nobody else
 * takes over while it writes. What a node read before another took over would bring back words of messages that were
 * deleted since.
 *
 * @returns whether it was the one, and anything was written.
 */
export async function writeIndexEntries(
  db: Database,
  { entries, rooms }: { entries: readonly IndexEntry[]; rooms: readonly { roomId: RoomId; upTo: number }[] },
): Promise<boolean> {
  const gone = entries.filter(({ tokens }) => tokens === null)
  const kept = entries.filter(({ tokens }) => tokens !== null)
  const rows = await db.query<{ isKeeper: boolean }>({
    name: 'write-index-entries',
    text: `
      with keeper as materialized (
        select from search_progress p
        where p.node_id = current_setting('application_name') and p.claimed_until > clock_timestamp() for share
      ), gone as (
        delete from message_search s using unnest($1::text[], $2::bigint[]) g(room_id, seq)
        where s.room_id = g.room_id and s.seq = g.seq and exists (select from keeper)
      ), kept as (
        insert into message_search as s (room_id, seq, change, created_at, tokens)
        select k.room_id, k.seq, k.change, k.created_at, array_to_tsvector(string_to_array(k.tokens, E'\\n'))
        from unnest($3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[])
          k(room_id, seq, change, created_at, tokens)
        where exists (select from keeper)
        on conflict (room_id, seq) do update
        set change = excluded.change, tokens = excluded.tokens where s.change < excluded.change
      ), noted as (
        insert into search_rooms as r (room_id, change)
        select * from unnest($8::text[], $9::bigint[]) where exists (select from keeper)
        on conflict (room_id) do update set change = excluded.change where r.change < excluded.change
      )
      select exists (select from keeper) as "isKeeper", ${NOT_FLUSHED}`,
    values: [
      gone.map(({ roomId }) => roomId),
      gone.map(({ seq }) => seq),
      kept.map(({ roomId }) => roomId),
      kept.map(({ seq }) => seq),
      kept.map(({ change }) => change),
      kept.map(({ createdAt }) => createdAt),
      kept.map(({ tokens }) => (tokens ?? []).join(BETWEEN_TOKENS)),
      rooms.map(({ roomId }) => roomId),
      rooms.map(({ upTo }) => upTo),
    ],
  })
  return rows[0]?.isKeeper === true
}
