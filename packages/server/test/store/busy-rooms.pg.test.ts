import { setImmediate } from 'node:timers/promises'
import type { RoomId } from '@tally/protocol'
import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { deleteMessage } from '../../src/store/delete-message.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { readUpTo } from '../../src/store/read-up-to.ts'
import { refusal, useStore } from './store-world.ts'

// The embedded database has one connection: nobody else can hold anything there.
describe('rooms that others hold, on postgres', () => {
  const world = useStore('postgres')
  const clients: pg.Client[] = []

  /** Another connection, in a transaction that holds what a statement locks. */
  async function hold(text: string, values: unknown[]): Promise<{ release: () => Promise<unknown> }> {
    const client = new pg.Client({ connectionString: urlOf(world().options) })
    clients.push(client)
    await client.connect()
    await client.query('begin')
    await client.query(text, values)
    return { release: () => client.query('rollback') }
  }

  afterEach(() => Promise.all(clients.splice(0).map((client) => client.end())))

  test('one room that is held does not hold up 49 others, and its sends follow in order', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const rooms: RoomId[] = []
    for (let index = 0; index < 50; index += 1) rooms.push(await world().room(alice, bob))
    const [held, ...free] = rooms as [RoomId, ...RoomId[]]
    const { release } = await hold('select from rooms where id = $1 for update', [held])

    const waiting: Promise<unknown>[] = []
    for (let round = 1; round <= 3; round += 1) {
      waiting.push(world().send(alice, held, `${round}a`))
      // The group of the first is under way now, and finds its room held when the second already queues behind it.
      await setImmediate()
      waiting.push(world().send(alice, held, `${round}b`))
      await Promise.all(free.map((room) => world().send(alice, room, `${round}`)))
    }
    expect(await world().count('select count(*) from messages where room_id = $1', [held])).toBe(0)
    expect(await world().unread(bob, free[48]!)).toBe(3)
    await release()
    await Promise.all(waiting)
    const texts = await world().db.query<{ text: string }>({
      name: '',
      text: 'select text from messages where room_id = $1 order by seq',
      values: [held],
    })
    expect(texts.map(({ text }) => text)).toEqual(['1a', '1b', '2a', '2b', '3a', '3b'])
  })

  test("a held member row holds up that member's sends and reads only", async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const [room, other] = await Promise.all([world().room(alice, bob), world().room(alice, bob)])
    await world().send(alice, room, 'hi')
    const { release } = await hold('select from members where room_id = $1 and user_id = $2 for update', [
      room,
      bob,
    ])
    const waiting = [world().send(bob, room, 'mine'), world().readHead(bob, room)]
    await Promise.all([world().send(bob, other, 'elsewhere'), world().readHead(alice, other)])
    expect(await world().member(bob, room)).toMatchObject({ seq: 1, readSeq: 0 })
    await release()
    await Promise.all(waiting)
    expect(await world().member(bob, room)).toMatchObject({ seq: 2, unread: 0 })
  })

  test('who waits longer than allowed is refused with storage_unavailable, and nothing was written', async () => {
    const { alice } = await world().people('alice')
    const room = await world().room(alice)
    await world().send(alice, room, 'hi')
    const impatient = await openDatabase({ ...world().options, lockTimeoutMs: 10 })
    const { release } = await hold('select from members where room_id = $1 for update', [room])
    const late = readUpTo(impatient, { userId: alice, roomId: room, upToSeq: 1 })
    await expect(late).rejects.toEqual(refusal('storage_unavailable'))
    await release()
    await impatient.close()
    expect(await world().member(alice, room)).toMatchObject({ readSeq: 0 })
  })

  test('a statement that loses a deadlock is tried again by itself', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(alice, room, 'hi')
    const { release } = await hold('select from members where room_id = $1 and user_id = $2 for update', [
      room,
      bob,
    ])
    const client = clients.at(-1)!
    const deletion = deleteMessage(world().db, { userId: alice, roomId: room, seq: 1 })
    // It holds the room and waits for the row: asking for the room now closes the circle, and PostgreSQL breaks it.
    await vi.waitFor(async () => expect(await world().count(WAITING)).toBe(1), { timeout: 10_000 })
    await client.query('select from rooms where id = $1 for update', [room])
    await release()
    expect(await world().did(deletion)).toMatchObject({ changed: true })
  })
})

const WAITING = `
  select count(*) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%delete_message%'`

function urlOf(options: object): string {
  if (!('databaseUrl' in options) || typeof options.databaseUrl !== 'string') throw new Error('not a server')
  return options.databaseUrl
}
