import type { PersonTruth } from '../crowd/crowd-job.ts'
import { ask } from '../world/shared.ts'
import type { World } from '../world/world.ts'

/** What Redis says of everybody: the number of each room, and the total that was written beside them. */
export async function naiveBadges(world: World): Promise<Map<string, PersonTruth>> {
  const badges = new Map<string, PersonTruth>()
  for (const { userId } of world.people) {
    const lines = (await ask(world.shared.server, 'hgetall', `unread:${userId}`)).split('\n')
    const badge: PersonTruth = { total: 0, rooms: {} }
    for (let index = 0; index + 1 < lines.length; index += 2) {
      const [field = '', value] = [lines[index], Number(lines[index + 1])]
      if (field === 'total') badge.total = value
      else badge.rooms[field] = value
    }
    badges.set(userId, badge)
  }
  return badges
}

export async function naiveTotals(world: World): Promise<Map<string, number | null>> {
  return new Map([...(await naiveBadges(world))].map(([userId, { total }]) => [userId, total]))
}

/** What it should say, counted anew from the messages. */
export async function naiveTruth(world: World): Promise<Map<string, PersonTruth>> {
  const { rows } = await world.db.query<{ user_id: string; room_id: string; unread: number }>(`
    select m.user_id, m.room_id, (select count(*)::int from messages x
      where x.room_id = m.room_id and x.seq > m.read_seq and x.sender_id <> m.user_id) as unread
    from members m`)
  const truth = new Map<string, PersonTruth>()
  for (const { user_id, room_id, unread } of rows) {
    const person = truth.get(user_id) ?? { total: 0, rooms: {} }
    truth.set(user_id, person)
    person.total += unread
    person.rooms[room_id] = unread
  }
  return truth
}
