import type { UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { addMembers } from '../../src/actions/add-members.ts'
import { blockUser } from '../../src/actions/block-user.ts'
import { createRoom } from '../../src/actions/create-room.ts'
import { deleteRoom } from '../../src/actions/delete-room.ts'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { getRoom } from '../../src/actions/get-room.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { unblockUser } from '../../src/actions/unblock-user.ts'
import { updateRoom } from '../../src/actions/update-room.ts'
import { TokenBuckets } from '../../src/core/rate-limit.ts'
import { DATABASES } from '../../test-support/host.ts'
import { limitedTo, refusal, useRooms } from './rooms-world.ts'

const nobody = 'somebody-nobody-has-heard-of' as UserId

describe.each(DATABASES)('making rooms on %s', (kind) => {
  const world = useRooms(kind)

  test('two people have one direct room, whoever of them asks, and however often at once', async () => {
    const { person, direct, ctx } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const ids = await Promise.all([
      direct(mina, joon),
      direct(joon, mina),
      direct(mina, joon),
      direct(joon, mina),
    ])
    expect(new Set(ids).size).toBe(1)
    const room = await getRoom(ctx, mina, { roomId: ids[0]! })
    expect(room).toMatchObject({ kind: 'direct', memberCount: 2, me: { role: 'member' } })
    expect(room).not.toHaveProperty('key')
    expect(await direct(mina, await person('sora'))).not.toBe(room.id)
  })

  test('a key gives the same room to those who are in it, and to nobody else', async () => {
    const { ctx, person } = world()
    const [mina, joon, sora] = [await person('mina'), await person('joon'), await person('sora')]
    const key = `order-${mina.userId}`
    const make = (caller: typeof mina, ...memberIds: UserId[]) =>
      createRoom(ctx, caller, {
        kind: 'group',
        memberIds,
        key,
        title: 'Order',
        metadata: { n: 1 },
        history: 'none',
      })
    const first = await make(mina, joon.userId)
    expect(first).toMatchObject({ key, title: 'Order', metadata: { n: 1 }, me: { role: 'owner' } })
    expect((await make(joon, mina.userId)).id).toBe(first.id)
    await expect(make(sora, mina.userId)).rejects.toMatchObject(refusal('room_key_conflict'))
    await expect(make(mina, sora.userId)).rejects.toMatchObject(refusal('room_key_conflict'))

    await removeMember(ctx, mina, { roomId: first.id, userId: joon.userId })
    await expect(make(joon, mina.userId)).rejects.toMatchObject(refusal('room_not_found'))
    await deleteRoom(ctx, mina, { roomId: first.id })
    expect((await make(sora, mina.userId)).id).not.toBe(first.id)
  })

  test('who left a direct room and makes it again is back in it, anew; the other one stays as they are', async () => {
    const { ctx, person, direct, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const roomId = await direct(mina, joon)
    await send(joon, roomId, 'before')
    await removeMember(ctx, mina, { roomId, userId: mina.userId })
    expect(await direct(joon, mina)).toBe(roomId)
    await expect(getRoom(ctx, mina, { roomId })).rejects.toMatchObject(refusal('room_not_found'))

    expect(await direct(mina, joon)).toBe(roomId)
    expect(await getRoom(ctx, mina, { roomId })).toMatchObject({
      me: { unread: 0, readSeq: 1 },
      memberCount: 2,
    })
    await send(joon, roomId, 'after')
    expect(await readBadge(ctx, mina)).toMatchObject({ total: 1 })
  })

  test('who was put out of a group does not come back by asking for its key as a direct room', async () => {
    const { ctx, person } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const key = `team-${mina.userId}`
    const group = { kind: 'group', memberIds: [joon.userId], key, history: 'none' } as const
    const { id: roomId } = await createRoom(ctx, mina, group)
    await removeMember(ctx, mina, { roomId, userId: joon.userId })

    const direct = { kind: 'direct', memberIds: [mina.userId], key, history: 'none' } as const
    await expect(createRoom(ctx, joon, direct)).rejects.toMatchObject(refusal('room_not_found'))
    await expect(getRoom(ctx, joon, { roomId })).rejects.toMatchObject(refusal('room_not_found'))
    const asMember = { ...direct, memberIds: [joon.userId] }
    await expect(createRoom(ctx, mina, asMember)).rejects.toMatchObject(refusal('room_key_conflict'))
  })

  test('whom somebody blocked, they share no new room with; what they have, they keep', async () => {
    const { ctx, person, direct } = world()
    const [mina, joon, sora] = [await person('mina'), await person('joon'), await person('sora')]
    const roomId = await direct(mina, joon)
    await blockUser(ctx, mina, joon)
    await blockUser(ctx, mina, sora)
    expect(await direct(joon, mina)).toBe(roomId)
    await expect(direct(mina, sora)).rejects.toMatchObject(refusal('blocked'))
    await expect(direct(sora, mina)).rejects.toMatchObject(refusal('blocked'))
  })

  test('nobody is brought into a group by a person they blocked; the host brings anybody', async () => {
    const { ctx, person } = world()
    const [mina, joon, sora] = [await person('mina'), await person('joon'), await person('sora')]
    const group = (memberIds: UserId[], key?: string) =>
      createRoom(ctx, joon, { kind: 'group', memberIds, history: 'none', key })
    const { id: roomId } = await group([sora.userId])
    const shared = await group([mina.userId], 'shared')
    await blockUser(ctx, mina, joon)
    await expect(group([sora.userId, mina.userId])).rejects.toMatchObject(refusal('blocked'))
    const both = { roomId, userIds: [sora.userId, mina.userId], role: 'member' } as const
    await expect(addMembers(ctx, joon, both)).rejects.toMatchObject(refusal('blocked'))
    // What they have, they keep; and who blocked somebody may still bring them.
    expect((await group([mina.userId], 'shared')).id).toBe(shared.id)
    await addMembers(ctx, joon, { roomId: shared.id, userIds: [mina.userId, sora.userId], role: 'member' })
    await createRoom(ctx, mina, { kind: 'group', memberIds: [joon.userId], history: 'none' })
    // A stranger to a room learns from this neither that it is there nor who is in it.
    const elsewhere = {
      roomId: (await createRoom(ctx, mina, { kind: 'group', memberIds: [], history: 'none' })).id,
    }
    await expect(addMembers(ctx, joon, { ...both, ...elsewhere })).rejects.toMatchObject(
      refusal('room_not_found'),
    )
    await addMembers(ctx, null, both)
    await unblockUser(ctx, mina, joon)
    await group([sora.userId, mina.userId])
  })

  test("a person fills nobody's list with rooms: so many people are named at once, and then some a second", async () => {
    const { ctx, person, direct } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const node = {
      ...ctx,
      rateLimits: { ...ctx.rateLimits, invitations: new TokenBuckets({ perSecond: 1, burst: 3 }) },
    }
    const group = (key?: string) =>
      createRoom(node, mina, { kind: 'group', memberIds: [joon.userId], history: 'none', key })
    const { id: roomId } = await group('kept')
    await createRoom(node, mina, { kind: 'direct', memberIds: [joon.userId], history: 'none' })
    await addMembers(node, mina, { roomId, userIds: [joon.userId], role: 'member' })
    const refused = { ...refusal('rate_limited'), retryAfterMs: expect.any(Number) }
    await expect(group()).rejects.toMatchObject(refused)
    await expect(
      addMembers(node, mina, { roomId, userIds: [joon.userId], role: 'member' }),
    ).rejects.toMatchObject(refused)
    // To ask for what is there brings nobody anywhere.
    for (let n = 0; n < 5; n += 1) expect((await group('kept')).id).toBe(roomId)
    for (let n = 0; n < 5; n += 1) await direct(mina, joon)
  })

  test('a person names people who are known; the host anybody', async () => {
    const { ctx, person } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const input = { kind: 'group', memberIds: [joon.userId, nobody], history: 'none' } as const
    await expect(createRoom(ctx, mina, input)).rejects.toMatchObject(refusal('user_not_found'))
    const room = await createRoom(ctx, null, input)
    expect(room.members.map(({ userId, role, name }) => [userId, role, name])).toEqual([
      [joon.userId, 'owner', 'joon'],
      [nobody, 'member', null],
    ])
    await deleteUser(ctx, { userId: joon.userId })
    await expect(createRoom(ctx, null, input)).rejects.toMatchObject(refusal('user_not_found'))
  })

  test.each(['application:17', 'pair:a:b'])('the key %s is not for people to give out', async (key) => {
    const { ctx, person } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const input = { kind: 'direct', memberIds: [joon.userId], key, history: 'none' } as const
    await expect(createRoom(ctx, mina, input)).rejects.toMatchObject(refusal('invalid_request'))
  })

  test('a direct room has two people, no more and no less, and neither changes it for the other', async () => {
    const { ctx, person, direct } = world()
    const [mina, joon, sora] = [await person('mina'), await person('joon'), await person('sora')]
    for (const memberIds of [[mina.userId], [joon.userId, sora.userId]]) {
      const input = { kind: 'direct', memberIds, history: 'none' } as const
      await expect(createRoom(ctx, mina, input)).rejects.toMatchObject(refusal('invalid_request'))
    }
    const roomId = await direct(mina, joon)
    const forbidden = refusal('forbidden')
    const members = { roomId, userIds: [sora.userId], role: 'member' } as const
    await expect(addMembers(ctx, mina, members)).rejects.toMatchObject(forbidden)
    await expect(addMembers(ctx, null, members)).rejects.toMatchObject(forbidden)
    await expect(updateRoom(ctx, mina, { roomId, title: 'ours' })).rejects.toMatchObject(forbidden)
    await expect(deleteRoom(ctx, mina, { roomId })).rejects.toMatchObject(forbidden)
    await expect(removeMember(ctx, mina, { roomId, userId: joon.userId })).rejects.toMatchObject(forbidden)
  })

  test('owners and admins change a group, members do not; admins do not touch owners', async () => {
    const { ctx, person, group } = world()
    const [owner, admin, member, other] = await Promise.all(['owner', 'admin', 'member', 'other'].map(person))
    const roomId = await group(owner!, member!)
    const add = (by: typeof owner, userId: UserId, role: 'admin' | 'member' | 'owner') =>
      addMembers(ctx, by!, { roomId, userIds: [userId], role })
    await add(owner, admin!.userId, 'admin')
    const forbidden = refusal('forbidden')
    await expect(add(member, other!.userId, 'member')).rejects.toMatchObject(forbidden)
    await expect(updateRoom(ctx, member!, { roomId, title: 'mine' })).rejects.toMatchObject(forbidden)
    await expect(removeMember(ctx, member!, { roomId, userId: admin!.userId })).rejects.toMatchObject(
      forbidden,
    )
    await expect(removeMember(ctx, admin!, { roomId, userId: owner!.userId })).rejects.toMatchObject(
      forbidden,
    )
    await expect(deleteRoom(ctx, admin!, { roomId })).rejects.toMatchObject(forbidden)
    await expect(add(admin, other!.userId, 'owner')).rejects.toMatchObject(forbidden)

    await add(admin, other!.userId, 'member')
    await updateRoom(ctx, admin!, { roomId, title: 'ours', metadata: { floor: 3 } })
    expect(await getRoom(ctx, other!, { roomId })).toMatchObject({ title: 'ours', metadata: { floor: 3 } })
    await updateRoom(ctx, admin!, { roomId, title: null })
    expect(await getRoom(ctx, other!, { roomId })).not.toHaveProperty('title')
    await removeMember(ctx, admin!, { roomId, userId: other!.userId })
    await removeMember(ctx, member!, { roomId, userId: member!.userId })
    await deleteRoom(ctx, owner!, { roomId })
    await expect(getRoom(ctx, owner!, { roomId })).rejects.toMatchObject(refusal('room_not_found'))
  })

  test('rooms per person and members per room are limited, each by its name', async () => {
    const { ctx, person, group } = world()
    const [mina, joon, sora] = [await person('mina'), await person('joon'), await person('sora')]
    const roomId = await group(mina, joon)
    const few = limitedTo(ctx, { membersPerRoom: 2, roomsPerUser: 1 })
    await expect(
      addMembers(few, mina, { roomId, userIds: [sora.userId], role: 'member' }),
    ).rejects.toMatchObject({ ...refusal('limit_exceeded'), details: { limit: 'membersPerRoom' } })
    await expect(
      createRoom(few, mina, { kind: 'group', memberIds: [sora.userId], history: 'none' }),
    ).rejects.toMatchObject({ ...refusal('limit_exceeded'), details: { limit: 'roomsPerUser' } })
  })
})
