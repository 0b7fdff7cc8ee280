import type { RequestError, RoomId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { deleteMessage } from '../../src/store/delete-message.ts'
import { editMessage } from '../../src/store/edit-message.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { removeMember } from '../../src/store/remove-member.ts'
import { inMemory } from '../../test-support/test-database.ts'
import { KINDS, refusal, type StoreWorld, useStore } from './store-world.ts'

describe.each(KINDS)('group commit on %s', (kind) => {
  const world = useStore(kind)

  test('what is sent in one moment is committed in groups, numbered in order', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const rooms = await Promise.all([1, 2, 3].map(() => world().room(alice, bob)))
    const groupsBefore = world().told.length
    const sent = await Promise.all(
      Array.from({ length: 90 }, (_, index) => world().send(alice, rooms[index % 3]!, `${index}`)),
    )
    for (const [index, room] of rooms.entries()) {
      const messages = sent.map(({ message }) => message).filter(({ roomId }) => roomId === room)
      expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, place) => place + 1))
      expect(messages.map(({ text }) => text)).toEqual(
        Array.from({ length: 30 }, (_, place) => `${place * 3 + index}`),
      )
    }
    expect(world().told.length - groupsBefore).toBeLessThan(10)
    expect(await world().unread(bob, rooms[0]!)).toBe(30)
  })

  test('what one socket after the other brings in one turn of the event loop goes together', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const groupsBefore = world().told.length
    const sends = Array.from({ length: 50 }, (_, index) => {
      const { promise, resolve } = Promise.withResolvers<unknown>()
      setImmediate(() => resolve(world().send(alice, room, `${index}`)))
      return promise
    })
    await Promise.all(sends)
    expect(world().told.length - groupsBefore).toBeLessThan(10)
  })

  test('a group is told of once, before anybody who is part of it is answered', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const events: string[] = []
    const groups = new GroupCommit(world().db, {
      maxGroupSize: 500,
      maxQueued: 100,
      onGroup: async (group) => {
        world().merge(group.committed)
        await Promise.resolve()
        events.push(`told of ${group.messages.map(({ text }) => text)} and ${group.reads.length} reads`)
      },
    })
    const first = groups.send(world().item(alice, room, 'one'))
    const second = groups.send(world().item(alice, room, 'two'))
    const read = groups.readHead({ userId: bob, roomId: room })
    await Promise.all(
      [first, second, read].map((each, index) => each.then(() => events.push(`answered ${index}`))),
    )
    expect(events).toEqual(['told of one,two and 1 reads', 'answered 0', 'answered 1', 'answered 2'])
  })

  test('[2] a read in the group of a send reads to the head below it: nothing unseen is read', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 2)
    const [, read] = await Promise.all([world().send(alice, room, 'unseen'), world().readHead(bob, room)])
    expect(read).toEqual({ readSeq: 2, readEpoch: 0 })
    expect(await world().member(bob, room)).toMatchObject({ unread: 1, readSeq: 2 })
  })

  test('reading and sending in one group settles both', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 2)
    await Promise.all([
      world().readHead(bob, room),
      world().send(bob, room, '1'),
      world().send(bob, room, '2'),
    ])
    expect(await world().member(bob, room)).toMatchObject({ unread: 0, readSeq: 2, settled: 4, version: 4 })
  })

  test('a read that changes nothing does not touch its row and leaves no trace', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(alice, room, 'hi')
    await world().readHead(bob, room)
    // xmax changes with a mere lock, which costs as much as a write.
    const trace = () =>
      world().db.query({
        name: '',
        text: `select xmin::text, xmax::text, ctid::text, (select count(*) from outbox) from members
          where room_id = $1 and user_id = $2`,
        values: [room, bob],
      })
    const before = await trace()
    expect(await world().readHead(bob, room)).toEqual({ readSeq: 1, readEpoch: 0 })
    expect(await world().readHead(bob, room, { readEpoch: 0 })).toEqual({ readSeq: 1, readEpoch: 0 })
    expect(await trace()).toEqual(before)
  })

  test('[23] the same clientId again, from another node and after an edit: one message, the original answer', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const first = await world().send(alice, room, 'hi', { clientId: 'c1' })
    await world().did(editMessage(world().db, { userId: alice, roomId: room, seq: 1, text: 'hi there' }))
    const otherNode = new GroupCommit(world().db, { maxGroupSize: 500, maxQueued: 100 })
    const again = await otherNode.send(world().item(alice, room, 'hi', { clientId: 'c1' }))
    expect(again.duplicate).toBe(true)
    expect(again.message).toMatchObject({ id: first.message.id, seq: 1, createdAt: first.message.createdAt })
    expect(again.message).toMatchObject({ text: 'hi there', clientId: 'c1' })
    expect(await world().unread(bob, room)).toBe(1)
  })

  test('[23] the same clientId with another text is a conflict, also within one group', async () => {
    const { alice } = await world().people('alice')
    const room = await world().room(alice)
    await world().send(alice, room, 'hi', { clientId: 'c1' })
    await expect(world().send(alice, room, 'ho', { clientId: 'c1' })).rejects.toEqual(
      refusal('client_id_conflict'),
    )
    const [one, same, other] = await Promise.allSettled([
      world().send(alice, room, 'x', { clientId: 'c2' }),
      world().send(alice, room, 'x', { clientId: 'c2' }),
      world().send(alice, room, 'y', { clientId: 'c2' }),
    ])
    expect(one).toMatchObject({ status: 'fulfilled', value: { duplicate: false, message: { seq: 2 } } })
    expect(same).toMatchObject({ status: 'fulfilled', value: { duplicate: true, message: { seq: 2 } } })
    expect(other).toMatchObject({ status: 'rejected', reason: refusal('client_id_conflict') })
  })

  test("a clientId is the sender's own, in one room", async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const [here, there] = await Promise.all([world().room(alice, bob), world().room(alice, bob)])
    const sent = await Promise.all([
      world().send(alice, here, 'x', { clientId: 'c' }),
      world().send(bob, here, 'x', { clientId: 'c' }),
      world().send(alice, there, 'x', { clientId: 'c' }),
    ])
    expect(sent.map(({ duplicate }) => duplicate)).toEqual([false, false, false])
  })

  test('an answer that was given is given again, even to somebody who left, and a deleted message stays deleted', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(bob, room, 'hi', { clientId: 'c1' })
    await world().did(deleteMessage(world().db, { userId: bob, roomId: room, seq: 1 }))
    await world().did(removeMember(world().db, { actorId: bob, roomId: room, userId: bob }))
    const again = await world().send(bob, room, 'hi', { clientId: 'c1' })
    expect(again).toMatchObject({
      duplicate: true,
      message: { seq: 1, text: '', deletedAt: expect.any(String) },
    })
    await expect(world().send(bob, room, 'new')).rejects.toEqual(refusal('room_not_found'))
  })

  test('[24] 100 parallel sends with one clientId: one message, one tally, no hole', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const nodes = [1, 2, 3].map(() => new GroupCommit(world().db, nodeOptions(world())))
    const sent = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        nodes[index % 3]!.send(world().item(alice, room, 'once', { clientId: 'c' })),
      ),
    )
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1)
    expect(sent.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    expect(await world().member(bob, room)).toMatchObject({ seq: 1, tally: 1, unread: 1 })
  })

  test('a reply names a message of its room, also a deleted one', async () => {
    const { alice } = await world().people('alice')
    const [room, other] = await Promise.all([world().room(alice), world().room(alice)])
    await world().sendMany(alice, other, 3)
    await world().send(alice, room, 'one')
    await world().did(deleteMessage(world().db, { userId: alice, roomId: room, seq: 1 }))
    const attempts = [0, 1, 2, -1].map((replyTo) => world().send(alice, room, `to ${replyTo}`, { replyTo }))
    const [zero, one, two, negative] = await Promise.allSettled(attempts)
    expect(one).toMatchObject({ status: 'fulfilled', value: { message: { seq: 2, replyTo: 1 } } })
    for (const refused of [zero, two, negative]) {
      expect(refused).toMatchObject({ status: 'rejected', reason: refusal('message_not_found') })
    }
  })

  test('a poisonous text fails alone, whatever stands beside it', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    const sent = await Promise.allSettled([
      ...Array.from({ length: 20 }, (_, index) => world().send(alice, room, `good ${index}`)),
      world().send(alice, room, 'bad \u0000'),
      world().send(alice, room, 'bad data', { data: { title: 'NUL \u0000' } }),
      world().readHead(bob, room),
      ...Array.from({ length: 20 }, (_, index) => world().send(alice, room, `good ${20 + index}`)),
    ])
    const failed = sent.filter(({ status }) => status === 'rejected')
    expect(failed).toMatchObject([
      { reason: refusal('message_malformed') },
      { reason: refusal('message_malformed') },
    ])
    const texts = await world().db.query<{ text: string }>({
      name: '',
      text: 'select text from messages where room_id = $1 order by seq',
      values: [room],
    })
    expect(texts.map(({ text }) => text)).toEqual(Array.from({ length: 40 }, (_, index) => `good ${index}`))
  })

  test('[21] times rise strictly within a room, whatever the clock does', async () => {
    const { alice } = await world().people('alice')
    const room = await world().room(alice)
    const [{ future }] = (await world().db.query<{ future: string }>({
      name: '',
      text: `update rooms set last_at = clock_timestamp() + interval '1 hour' where id = $1 returning iso_time(last_at) as future`,
      values: [room],
    })) as [{ future: string }]
    const sent = await Promise.all(['a', 'b', 'c'].map((text) => world().send(alice, room, text)))
    const times = [future, ...sent.map(({ message }) => message.createdAt)]
    expect(times).toEqual([...new Set(times)].sort())
    expect(times[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  })

  test('a full queue refuses at once and says when to come back; idle waits for the rest', async () => {
    const { alice } = await world().people('alice')
    const room = await world().room(alice)
    const groups = new GroupCommit(world().db, { ...nodeOptions(world()), maxQueued: 2 })
    const accepted = [
      groups.send(world().item(alice, room, '1')),
      groups.send(world().item(alice, room, '2')),
    ]
    const refused = await groups.send(world().item(alice, room, '3')).catch((error: unknown) => error)
    expect(refused).toEqual(refusal('overloaded'))
    expect((refused as RequestError).retryAfterMs).toBeGreaterThan(0)
    await groups.idle()
    expect(await world().member(alice, room)).toMatchObject({ seq: 2 })
    await Promise.all(accepted)
    await groups.idle()
    await groups.send(world().item(alice, room, '3'))
  })

  test('without the database everything is refused with storage_unavailable', async () => {
    const { alice } = await world().people('alice')
    const room = await world().room(alice)
    const db = await openDatabase(kind === 'pglite' ? { dataDir: inMemory() } : world().options)
    await db.close()
    const groups = new GroupCommit(db, { maxGroupSize: 500, maxQueued: 100 })
    const attempts = [
      groups.send(world().item(alice, room, '1')),
      groups.send(world().item(alice, room, '2')),
      groups.readHead({ userId: alice, roomId: room }),
    ]
    for (const attempt of await Promise.allSettled(attempts)) {
      expect(attempt).toMatchObject({ status: 'rejected', reason: refusal('storage_unavailable') })
    }
  }, 60_000)

  test('a missing room refuses its own sends and reads only', async () => {
    const { alice } = await world().people('alice')
    const room = await world().room(alice)
    const nowhere = 'nowhere' as RoomId
    const [good, bad, badSystem, badRead] = await Promise.allSettled([
      world().send(alice, room, 'hi'),
      world().send(alice, nowhere, 'hi'),
      world().sendSystem(nowhere, 'hi'),
      world().readHead(alice, nowhere),
    ])
    expect(good).toMatchObject({ status: 'fulfilled', value: { message: { seq: 1 } } })
    for (const refused of [bad, badSystem, badRead]) {
      expect(refused).toMatchObject({ status: 'rejected', reason: refusal('room_not_found') })
    }
  })
})

/** Another node on the same database, whose commits are told to the world too. */
function nodeOptions(world: StoreWorld) {
  return {
    maxGroupSize: 500,
    maxQueued: 1_000,
    onGroup: ({ committed }: { committed: Parameters<StoreWorld['merge']>[0] }) => world.merge(committed),
  }
}
