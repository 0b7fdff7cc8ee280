import { randomUUID } from 'node:crypto'
import type { RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import type { Role } from '../../src/core/committed.ts'
import { addMembers } from '../../src/store/add-members.ts'
import { block } from '../../src/store/block.ts'
import { createRoom } from '../../src/store/create-room.ts'
import { deleteMessage } from '../../src/store/delete-message.ts'
import { deleteRoom } from '../../src/store/delete-room.ts'
import { markUnread } from '../../src/store/mark-unread.ts'
import { readUpTo } from '../../src/store/read-up-to.ts'
import { removeMember } from '../../src/store/remove-member.ts'
import { setMuted } from '../../src/store/set-muted.ts'
import { updateRoom } from '../../src/store/update-room.ts'
import { KINDS, limits, refusal, useStore } from './store-world.ts'

describe.each(KINDS)('membership on %s', (kind) => {
  const world = useStore(kind)

  const leave = (roomId: RoomId, userId: UserId, actorId: UserId | null = userId) =>
    world().did(removeMember(world().db, { actorId, roomId, userId }))

  const add = (actorId: UserId | null, roomId: RoomId, userIds: UserId[], role: Role = 'member', more = {}) =>
    world().did(addMembers(world().db, { actorId, roomId, userIds, role, limits, ...more }))

  const direct = (one: UserId, other: UserId, key?: string) =>
    world().did(
      createRoom(world().db, {
        id: randomUUID() as RoomId,
        kind: 'direct',
        metadata: { about: 'a job' },
        history: 'none',
        creatorId: one,
        members: [
          { userId: one, role: 'member' },
          { userId: other, role: 'member' },
        ],
        limits,
        ...(key === undefined ? {} : { key }),
      }),
    )

  test('[13] the first message of a new room is unread for a member who never opened it', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const { roomId, rooms, members } = await direct(alice, bob)
    expect(rooms).toMatchObject([{ roomId, kind: 'direct', seq: 0, tally: 0, membership: 1 }])
    expect(members).toHaveLength(2)
    await world().send(alice, roomId, 'hi')
    expect(await world().unread(bob, roomId)).toBe(1)
  })

  test('[14] who joins sees nothing unread, or with the policy "unread" all of the past but own and blocked', async () => {
    const { alice, bob, carol, dave } = await world().people('alice', 'bob', 'carol', 'dave')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 3)
    await world().send(bob, room, 'hi')
    await world().sendSystem(room, 'note')
    await world().did(deleteMessage(world().db, { userId: alice, roomId: room, seq: 1 }))
    await world().did(block(world().db, { blockerId: dave, blockedId: bob, limits }))

    await world().join(room, carol)
    expect(await world().member(carol, room)).toMatchObject({ unread: 0, readSeq: 5 })
    const joined = await world().join(room, dave, 'unread')
    expect(joined).toMatchObject({
      rooms: [{ membership: 3 }],
      members: [{ userId: dave, readSeq: 0, version: 1 }],
    })
    expect(await world().unread(dave, room)).toBe(2)
  })

  test("a room's own policy holds where the invitation says nothing", async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const members = [{ userId: alice, role: 'owner' as const }]
    const made = {
      id: randomUUID() as RoomId,
      kind: 'group' as const,
      metadata: {},
      creatorId: alice,
      members,
      limits,
    }
    const { roomId } = await world().did(createRoom(world().db, { ...made, history: 'unread' }))
    await world().sendMany(alice, roomId, 2)
    await world().join(roomId, bob)
    expect(await world().unread(bob, roomId)).toBe(2)
  })

  test('[8] leaving is a flag, coming back starts anew, and versions only rise', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().sendMany(alice, room, 2)
    await world().did(setMuted(world().db, { userId: bob, roomId: room, muted: true }))
    const gone = await leave(room, bob)
    expect(gone).toMatchObject({
      rooms: [{ membership: 2 }],
      members: [{ userId: bob, left: true, version: 3 }],
    })
    expect((await leave(room, bob, null)).outboxId).toBeNull()

    // Counting goes on for those who left: what is told late must never be lower than what was told before.
    await world().send(alice, room, 'to the rest')
    expect(await world().unread(bob, room)).toBe(3)
    const back = await add(alice, room, [bob])
    expect(back.members).toMatchObject([
      { left: false, muted: false, version: 4, readSeq: 3, settled: 3, readEpoch: 1 },
    ])
    expect((await add(alice, room, [bob])).outboxId).toBeNull()
    await world().send(alice, room, 'welcome back')
    expect(await world().unread(bob, room)).toBe(1)
  })

  test('[8] who was removed can do nothing in the room any more', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const room = await world().room(alice, bob)
    await world().send(alice, room, 'hi')
    await leave(room, bob, alice)
    const { db } = world()
    const asked = { userId: bob, roomId: room }
    const attempts = [
      world().send(bob, room, 'x'),
      world().readHead(bob, room),
      readUpTo(db, { ...asked, upToSeq: 1 }),
      markUnread(db, { ...asked, fromSeq: 1 }),
      setMuted(db, { ...asked, muted: true }),
      deleteMessage(db, { ...asked, seq: 1 }),
    ]
    for (const attempt of await Promise.allSettled(attempts)) {
      expect(attempt).toMatchObject({ status: 'rejected', reason: refusal('room_not_found') })
    }
  })

  test('[8] a deleted room is left by all, and its key is free again', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const key = randomUUID()
    const { roomId } = await direct(alice, bob, key)
    await world().send(alice, roomId, 'hi')
    const deleted = await world().did(deleteRoom(world().db, { actorId: null, roomId }))
    expect(deleted.members).toMatchObject([{ left: true }, { left: true }])
    await expect(world().send(alice, roomId, 'x')).rejects.toEqual(refusal('room_not_found'))
    await expect(world().sendSystem(roomId, 'x')).rejects.toEqual(refusal('room_not_found'))
    await expect(add(null, roomId, [bob])).rejects.toEqual(refusal('room_not_found'))
    await expect(deleteRoom(world().db, { actorId: null, roomId })).rejects.toEqual(refusal('room_not_found'))
    expect(await direct(alice, bob, key)).toMatchObject({ created: true })
  })

  test('the same key gives the same room, to the people who are or were in it only', async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const key = randomUUID()
    const made = await Promise.all([
      direct(alice, bob, key),
      direct(bob, alice, key),
      direct(alice, bob, key),
    ])
    expect(new Set(made.map(({ roomId }) => roomId)).size).toBe(1)
    expect(made.filter(({ created }) => created)).toHaveLength(1)
    await expect(direct(alice, carol, key)).rejects.toEqual(refusal('room_key_conflict'))
    await leave(made[0]!.roomId, bob)
    expect(await direct(alice, bob, key)).toMatchObject({ created: false, outboxId: null })
  })

  test('nobody joins who is not known or whose account is gone', async () => {
    const { alice } = await world().people('alice')
    const room = await world().room(alice)
    const ghost = 'nobody-has-heard-of-me' as UserId
    await expect(add(alice, room, [ghost])).rejects.toEqual(refusal('user_not_found'))
    await expect(direct(alice, ghost)).rejects.toEqual(refusal('user_not_found'))
  })

  test('limits hold for members of a room and for rooms of a person', async () => {
    const { alice, bob, carol } = await world().people('alice', 'bob', 'carol')
    const room = await world().room(alice, bob)
    const few = { limits: { membersPerRoom: 2, roomsPerUser: 10 } }
    await expect(add(null, room, [carol], 'member', few)).rejects.toMatchObject({
      code: 'limit_exceeded',
      details: { limit: 'membersPerRoom' },
    })
    await expect(
      add(null, room, [carol], 'member', { limits: { membersPerRoom: 9, roomsPerUser: 0 } }),
    ).rejects.toEqual(refusal('limit_exceeded'))
    const made = createRoom(world().db, {
      id: randomUUID() as RoomId,
      kind: 'group',
      metadata: {},
      history: 'none',
      creatorId: alice,
      members: [{ userId: alice, role: 'owner' }],
      limits: { membersPerRoom: 9, roomsPerUser: 1 },
    })
    await expect(made).rejects.toMatchObject({ code: 'limit_exceeded', details: { limit: 'roomsPerUser' } })
    await leave(room, bob)
    await add(null, room, [carol], 'member', few)
  })

  test('owners and admins choose the members, owners the owners, and nobody those of a direct room', async () => {
    const { owner, admin, admin2, member, stranger } = await world().people(
      'owner',
      'admin',
      'admin2',
      'member',
      'stranger',
    )
    const room = await world().room(owner, member)
    await add(owner, room, [admin, admin2], 'admin')
    await expect(add(member, room, [stranger])).rejects.toEqual(refusal('forbidden'))
    await expect(add(admin, room, [stranger], 'owner')).rejects.toEqual(refusal('forbidden'))
    await expect(leave(room, owner, admin)).rejects.toEqual(refusal('forbidden'))
    await expect(leave(room, admin2, admin)).rejects.toEqual(refusal('forbidden'))
    await expect(leave(room, admin, member)).rejects.toEqual(refusal('forbidden'))
    await leave(room, member, admin)
    await add(admin, room, [member])
    await leave(room, admin2, owner)

    const { roomId } = await direct(owner, member)
    await expect(add(owner, roomId, [stranger])).rejects.toEqual(refusal('forbidden'))
    await expect(add(null, roomId, [stranger])).rejects.toEqual(refusal('forbidden'))
    await expect(leave(roomId, member, owner)).rejects.toEqual(refusal('forbidden'))
    await leave(roomId, member)
    expect((await add(null, roomId, [member])).members).toHaveLength(1)
  })

  test('owners and admins rename a room, only owners delete it, and what is so already is not written', async () => {
    const { owner, member } = await world().people('owner', 'member')
    const room = await world().room(owner, member)
    const { db } = world()
    const rename = (actorId: UserId | null, more: object) =>
      world().did(updateRoom(db, { actorId, roomId: room, ...more }))
    await expect(rename(member, { title: 'x' })).rejects.toEqual(refusal('forbidden'))
    await expect(deleteRoom(db, { actorId: member, roomId: room })).rejects.toEqual(refusal('forbidden'))
    const { change } = await world().member(owner, room)
    expect((await rename(owner, { title: 'Interview' })).rooms).toMatchObject([{ change: change + 1 }])
    expect((await rename(owner, { title: 'Interview' })).outboxId).toBeNull()
    expect((await rename(null, { metadata: { step: 2 } })).rooms).toMatchObject([{ change: change + 2 }])
    expect((await rename(null, { title: null })).rooms).toMatchObject([{ change: change + 3 }])
    const row = await db.kysely
      .selectFrom('rooms')
      .select(['title', 'metadata'])
      .where('id', '=', room)
      .executeTakeFirst()
    expect(row).toEqual({ title: null, metadata: { step: 2 } })
    await world().did(deleteRoom(db, { actorId: owner, roomId: room }))
  })
})
