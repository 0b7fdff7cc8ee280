import type { Recount } from '../src/check/recount.ts'

/**
 * What an archive of XMPP says of everybody: a message stands in it once for each of the two, and the sender's address
 * is in its first tag. Rooms are named like the two, in order; the database orders bytes, as JavaScript does.
 */
export const ARCHIVE_RECOUNT: Recount = {
  members: `
    select user_id, least(user_id, peer) || ' ' || greatest(user_id, peer) as room_id,
      count(*) filter (where not is_own)::int as unread, count(*) filter (where not is_own)::int as register
    from (
      select username as user_id, split_part(bare_peer, '@', 1) as peer,
        substring(xml from '^<[^>]*') ~ (' from=[''"]' || username || '@') as is_own
      from archive) a
    group by user_id, peer`,
  messages: 'select (count(*) / 2)::int as count from archive',
}
