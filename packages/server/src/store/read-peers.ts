import type { UserId } from '@tally/protocol'
import type { Database } from './open-database.ts'

/**
 * The people who share a direct room with each of these now, those of the newest rooms where there are very many: the
 * ones who see whether somebody is here. Groups are left out: one of a thousand would make every connect a thousand
 * frames.
 */
export async function readPeers(db: Database, userIds: readonly UserId[]): Promise<Map<UserId, UserId[]>> {
  const peers = new Map<UserId, UserId[]>()
  if (userIds.length === 0) return peers
  const rows = await db.query<{ user_id: UserId; peer_id: UserId }>({
    name: 'read-peers',
    text: `
      select person.id as user_id, peer.user_id as peer_id
      from unnest($1::text[]) as person(id)
      cross join lateral (
        select other.user_id
        from members own
        join rooms r on r.id = own.room_id and r.kind = 'direct' and r.deleted_at is null
        join members other on other.room_id = r.id and other.user_id <> own.user_id and other.left_at is null
        where own.user_id = person.id and own.left_at is null
        group by other.user_id order by max(r.last_at) desc
        limit $2
      ) peer`,
    values: [userIds, PEERS_PER_PERSON],
  })
  for (const { user_id, peer_id } of rows) {
    const known = peers.get(user_id)
    if (known === undefined) peers.set(user_id, [peer_id])
    else known.push(peer_id)
  }
  return peers
}

const PEERS_PER_PERSON = 500
