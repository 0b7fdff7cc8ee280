import type { Recount } from '../src/check/recount.ts'
import { XMPP_DOMAIN } from '../src/wire/xmpp-socket.ts'

/** Of ejabberd. */
export const EJABBERD_RECOUNT = archiveRecount(
  `select username as user_id, split_part(bare_peer, '@', 1) as peer, xml as stanza from archive`,
)

/** Of Prosody. */
export const PROSODY_RECOUNT = archiveRecount(
  `select "user" as user_id, split_part("with", '@', 1) as peer, value as stanza
   from prosodyarchive where store = 'archive'`,
)

/**
 * What an archive of XMPP says of everybody: a message stands in it once for each of the two, and the sender's address
 * is in its first tag. Rooms are named like the two, in order; the database orders bytes, as JavaScript does.
 * @param archive a statement for whose it is, whom it is with, and the message.
 */
function archiveRecount(archive: string): Recount {
  return {
    members: `
      select user_id, least(user_id, peer) || ' ' || greatest(user_id, peer) as room_id,
        count(*) filter (where not is_own)::int as unread, count(*) filter (where not is_own)::int as register
      from (
        select user_id, peer,
          substring(stanza from '^<[^>]*') ~ (' from=[''"]' || user_id || '@${XMPP_DOMAIN}') as is_own
        from (${archive}) s) a
      group by user_id, peer`,
    messages: `select (count(*) / 2)::int as count from (${archive}) s`,
  }
}
