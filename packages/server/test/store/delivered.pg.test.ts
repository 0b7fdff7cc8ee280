import type { RoomId, Seq, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { raiseDelivered, readOwnHeads } from '../../src/store/delivered.ts'
import { markUnread } from '../../src/store/mark-unread.ts'
import { readMembersOfRooms } from '../../src/store/read-members.ts'
import { readUpTo } from '../../src/store/read-up-to.ts'
import { removeMember } from '../../src/store/remove-member.ts'
import { KINDS, useStore } from './store-world.ts'

describe.each(KINDS)('up to where devices have the messages, on %s', (kind) => {
  const world = useStore(kind)
  const at = (roomId: RoomId, userId: UserId, seq: number) => ({ roomId, userId, seq: seq as Seq })
  const deliveredIn = async (roomId: RoomId) => {
    const rooms = await readMembersOfRooms(world().db, { roomIds: [roomId], limit: 50 })
    const members = rooms.get(roomId)?.members ?? []
    return Object.fromEntries(members.map(({ userId, deliveredSeq }) => [userId, deliveredSeq]))
  }

  test('only rises, for many people in one statement, and no count knows of it', async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const room = await world().room(alice, bob, carol)
    await world().sendMany(alice, room, 9)
    await raiseDelivered(world().db, [at(room, bob, 7), at(room, carol, 5)])
    await raiseDelivered(world().db, [at(room, bob, 3), at(room, carol, 6)])
    expect(await deliveredIn(room)).toEqual({ [alice]: 0, [bob]: 7, [carol]: 6 })
    expect(await world().member(bob, room)).toMatchObject({ unread: 9, readSeq: 0, version: 1 })
  })

  test('is never behind what was read, and stays where it was when that is unread again', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 5)
    await world().did(readUpTo(world().db, { userId: bob, roomId: room, upToSeq: 4 }))
    await raiseDelivered(world().db, [at(room, bob, 2)])
    expect(await deliveredIn(room)).toMatchObject({ [bob]: 4 })
    await world().did(markUnread(world().db, { userId: bob, roomId: room, fromSeq: 2 }))
    expect(await deliveredIn(room)).toMatchObject({ [bob]: 4 })
    expect(await world().member(bob, room)).toMatchObject({ readSeq: 1 })
  })

  test('is written by members alone', async () => {
    const { alice, bob, mallory } = await world().people('alice', 'bob', 'mallory')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 2)
    await world().did(removeMember(world().db, { actorId: bob, roomId: room, userId: bob }))
    await raiseDelivered(world().db, [at(room, bob, 2), at(room, mallory, 2)])
    expect(await deliveredIn(room)).toEqual({ [alice]: 0, [bob]: 0 })
    const heads = (userId: UserId) =>
      readOwnHeads(world().db, { userId, roomIds: [room, 'no such room' as RoomId], mostPeople: 1 })
    expect(await heads(alice)).toEqual(new Map([[room, { seq: 2, people: 1 }]]))
    expect(await heads(bob)).toEqual(new Map())
    expect(await heads(mallory)).toEqual(new Map())
  })

  test('and a thousand at once, told in any order by several at a time, do not get into each other’s way', async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const rooms = await Promise.all(Array.from({ length: 20 }, () => world().room(alice, bob, carol)))
    for (const room of rooms) await world().sendMany(alice, room, 3)
    const all = rooms.flatMap((room) => [at(room, bob, 3), at(room, carol, 2)])
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => raiseDelivered(world().db, i % 2 === 0 ? all : all.toReversed())),
    )
    for (const room of rooms) expect(await deliveredIn(room)).toMatchObject({ [bob]: 3, [carol]: 2 })
  })
})
