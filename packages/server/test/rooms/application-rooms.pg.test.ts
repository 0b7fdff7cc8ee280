import { randomUUID } from 'node:crypto'
import type { RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import {
  findApplicationRoom,
  getApplicationRoom,
  listApplicationRooms,
} from '../../src/actions/application-rooms.ts'
import { blockUser } from '../../src/actions/block-user.ts'
import type { Caller } from '../../src/actions/context.ts'
import { createApplicationRoom } from '../../src/actions/create-application-room.ts'
import { createRoom } from '../../src/actions/create-room.ts'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { updateRoom } from '../../src/actions/update-room.ts'
import { upsertUser } from '../../src/actions/upsert-user.ts'
import { readApplicationRooms } from '../../src/store/read-rooms.ts'
import { DATABASES } from '../../test-support/host.ts'
import { type RoomsWorld, refusal, useRooms } from './rooms-world.ts'

describe.each(DATABASES)("the marketplace's rooms on %s", (kind) => {
  const world = useRooms(kind)

  async function setUp({ person }: RoomsWorld) {
    const [mina, hanbit] = [await person('mina'), await person('hanbit')]
    return { mina, hanbit, application: applicationOf(mina, hanbit) }
  }

  function applicationOf(user: Caller, company: Caller) {
    const { userId } = user
    return {
      applicationId: randomUUID(),
      userId,
      companyId: company.userId,
      jobPostingId: 'job-1',
      jobTitle: 'Cook',
    }
  }

  test('the same application gives the same room, from both sides, however often at once', async () => {
    const { ctx, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, ...rest })
    const made = await Promise.all(
      [mina, hanbit, mina].map((caller) => createApplicationRoom(ctx, caller, application)),
    )
    expect(new Set(made.map(({ roomId }) => roomId)).size).toBe(1)
    const another = await createApplicationRoom(ctx, mina, applicationOf(mina, hanbit))
    expect(another.roomId).not.toBe(made[0]!.roomId)
  })

  test('only the two of it may make it, and the same application is for nobody else', async () => {
    const { ctx, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, ...rest })
    const sora = await rest.person('sora')
    const forbidden = refusal('forbidden')
    await expect(createApplicationRoom(ctx, sora, application)).rejects.toMatchObject(forbidden)
    await createApplicationRoom(ctx, mina, application)
    const stolen = { ...application, userId: sora.userId }
    await expect(createApplicationRoom(ctx, sora, stolen)).rejects.toMatchObject(forbidden)
    await expect(createApplicationRoom(ctx, hanbit, stolen)).rejects.toMatchObject(forbidden)
    const alone = { ...application, applicationId: 'x', companyId: mina.userId }
    await expect(createApplicationRoom(ctx, mina, alone)).rejects.toMatchObject(refusal('invalid_request'))
  })

  test('a company that nobody has heard of yet gets its room all the same', async () => {
    const { ctx, ...rest } = world()
    const { mina, application } = await setUp({ ctx, ...rest })
    const companyId = `new-${randomUUID()}` as UserId
    const { roomId } = await createApplicationRoom(ctx, mina, { ...application, companyId })
    expect(await getApplicationRoom(ctx, mina, { roomId })).toMatchObject({
      company: { userId: companyId, name: null, left: false },
      hasWithdrawnUser: false,
    })
  })

  test('after a block neither of the two makes another one; what they have they keep', async () => {
    const { ctx, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, ...rest })
    const { roomId } = await createApplicationRoom(ctx, mina, application)
    await blockUser(ctx, mina, { userId: hanbit.userId })
    for (const caller of [mina, hanbit]) {
      const another = createApplicationRoom(ctx, caller, applicationOf(mina, hanbit))
      await expect(another).rejects.toMatchObject(refusal('blocked'))
      expect(await createApplicationRoom(ctx, caller, application)).toEqual({ roomId })
    }
  })

  test('other metadata than that of the application leaves the room in both lists', async () => {
    const { ctx, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, ...rest })
    const { roomId } = await createApplicationRoom(ctx, mina, application)
    await updateRoom(ctx, null, { roomId, metadata: { jobTitle: 'Head cook', userId: 'somebody else' } })
    const [listed] = await listApplicationRooms(ctx, mina, { side: 'user' })
    expect(listed).toMatchObject({ roomId, jobTitle: 'Head cook', user: { userId: mina.userId } })
    expect(await listApplicationRooms(ctx, hanbit, { side: 'company' })).toMatchObject([{ roomId }])
    expect(
      await findApplicationRoom(ctx, mina, { userId: mina.userId, companyId: hanbit.userId }),
    ).toMatchObject({ roomId, applicationId: application.applicationId })
  })

  test('a room with the key of an application that does not say whose it is is in the list of each of the two', async () => {
    const { ctx, person } = world()
    const [mina, hanbit] = [await person('mina'), await person('hanbit')]
    await upsertUser(ctx, { userId: hanbit.userId, name: 'hanbit', userType: 'company' })
    const memberIds = [mina.userId, hanbit.userId]
    const key = `application:${randomUUID()}`
    const { id } = await createRoom(ctx, null, { kind: 'direct', key, memberIds, history: 'none' })
    expect(await listApplicationRooms(ctx, mina, { side: 'user' })).toMatchObject([{ roomId: id }])
    expect(await listApplicationRooms(ctx, mina, { side: 'company' })).toEqual([])
    expect(await listApplicationRooms(ctx, hanbit, { side: 'company' })).toMatchObject([{ roomId: id }])
  })

  test('each side lists its rooms, newest first, with the number of its badge', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, send, ...rest })
    const { roomId: first } = await createApplicationRoom(ctx, mina, application)
    const { roomId: second } = await createApplicationRoom(ctx, mina, applicationOf(mina, hanbit))
    await send(hanbit, first, 'hello')
    await send(hanbit, first, 'are you there?')

    const rooms = await listApplicationRooms(ctx, mina, { side: 'user' })
    expect(rooms.map(({ roomId }) => roomId)).toEqual([first, second])
    expect(rooms[0]).toMatchObject({
      applicationId: application.applicationId,
      jobPostingId: 'job-1',
      jobTitle: 'Cook',
      user: { userId: mina.userId, name: 'mina' },
      company: { userId: hanbit.userId, name: 'hanbit' },
      lastMessage: 'are you there?',
      unread: 2,
      hasWithdrawnUser: false,
    })
    expect(rooms[1]).toMatchObject({ lastMessage: null, lastMessageAt: null, unread: 0 })
    const company = await listApplicationRooms(ctx, hanbit, { side: 'company' })
    expect(company.map(({ roomId, unread }) => [roomId, unread])).toEqual([
      [first, 0],
      [second, 0],
    ])
    expect(await listApplicationRooms(ctx, mina, { side: 'company' })).toEqual([])
  })

  test('of more rooms than a list has, those with something unread are in it', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, send, ...rest })
    const { roomId } = await createApplicationRoom(ctx, mina, application)
    await send(hanbit, roomId, 'unread')
    const newer = await createApplicationRoom(ctx, mina, applicationOf(mina, hanbit))
    await send(mina, newer.roomId, 'my own')
    const listed = async (limit: number) => {
      const rooms = await readApplicationRooms(ctx.db, { userId: mina.userId, side: 'user', limit })
      return rooms.map(({ id }) => id)
    }
    expect(await listed(1)).toEqual([roomId])
    expect(await listed(2)).toEqual([newer.roomId, roomId])
  })

  test('a direct room that no application made is on the side of their own account for each, and list and badge agree', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, send, ...rest })
    const sora = await rest.person('sora')
    await upsertUser(ctx, { userId: hanbit.userId, name: 'hanbit', userType: 'company' })
    await upsertUser(ctx, { userId: sora.userId, name: 'sora', userType: 'company' })
    const { roomId: applied } = await createApplicationRoom(ctx, mina, application)
    const colleagues = await rest.direct(sora, hanbit)
    const forged = { applicationId: 'x', jobPostingId: 'y', userId: sora.userId, companyId: mina.userId }
    const named = { kind: 'direct', key: `forged-${mina.userId}`, metadata: forged, history: 'none' } as const
    const { id: odd } = await createRoom(ctx, mina, { ...named, memberIds: [sora.userId] })
    // Made last: of two messages of one moment, the room made later comes first.
    const asked = await rest.direct(mina, hanbit)
    for (const roomId of [applied, asked, colleagues]) await send(hanbit, roomId, 'hello')
    await send(mina, odd, 'hello')
    await send(mina, asked, 'yes?')

    const listed = async (caller: Caller) => {
      const lists = await Promise.all(
        (['user', 'company'] as const).map((side) => listApplicationRooms(ctx, caller, { side })),
      )
      const sum = lists.flat().reduce((total, { unread }) => total + unread, 0)
      expect(await readBadge(ctx, caller)).toMatchObject({ total: sum })
      return lists.map((rooms) => rooms.map(({ roomId }) => roomId))
    }
    expect(await listed(mina)).toEqual([[asked, odd, applied], []])
    expect(await listed(hanbit)).toEqual([[], [asked, colleagues, applied]])
    expect(await listed(sora)).toEqual([[], [odd, colleagues]])

    const [room] = await listApplicationRooms(ctx, hanbit, { side: 'company' })
    expect(room).toMatchObject({
      applicationId: null,
      jobPostingId: null,
      user: { name: 'mina' },
      company: { name: 'hanbit' },
    })
    expect(await getApplicationRoom(ctx, sora, { roomId: odd })).toMatchObject({
      applicationId: null,
      jobPostingId: null,
      user: { name: 'mina' },
      company: { name: 'sora' },
    })
    expect(await getApplicationRoom(ctx, sora, { roomId: colleagues })).toMatchObject({
      user: { name: 'hanbit' },
      company: { name: 'sora' },
    })
  })

  test('the room of two is found by the two of it alone, the newest when they have several', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, send, ...rest })
    const pair = { userId: mina.userId, companyId: hanbit.userId }
    expect(await findApplicationRoom(ctx, mina, pair)).toBeNull()
    const { roomId: first } = await createApplicationRoom(ctx, mina, application)
    const { roomId: second } = await createApplicationRoom(ctx, mina, applicationOf(mina, hanbit))
    expect(await findApplicationRoom(ctx, mina, pair)).toMatchObject({ roomId: second })
    await send(mina, first, 'newer')
    const { applicationId } = application
    expect(await findApplicationRoom(ctx, hanbit, pair)).toEqual({
      roomId: first,
      applicationId,
      jobPostingId: 'job-1',
    })
    expect(await findApplicationRoom(ctx, mina, { userId: hanbit.userId, companyId: mina.userId })).toBeNull()
    const sora = await rest.person('sora')
    await expect(findApplicationRoom(ctx, sora, pair)).rejects.toMatchObject(refusal('forbidden'))
  })

  test('who left or deleted the account is shown as such, and who left comes back by asking', async () => {
    const { ctx, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, ...rest })
    const { roomId } = await createApplicationRoom(ctx, mina, application)
    await removeMember(ctx, hanbit, { roomId, userId: hanbit.userId })
    expect(await getApplicationRoom(ctx, mina, { roomId })).toMatchObject({
      company: { name: 'hanbit', left: true },
      hasWithdrawnUser: true,
    })
    expect(
      await findApplicationRoom(ctx, hanbit, { userId: mina.userId, companyId: hanbit.userId }),
    ).toBeNull()
    expect(await createApplicationRoom(ctx, hanbit, application)).toEqual({ roomId })
    expect(await getApplicationRoom(ctx, mina, { roomId })).toMatchObject({ hasWithdrawnUser: false })

    await deleteUser(ctx, { userId: hanbit.userId })
    expect(await getApplicationRoom(ctx, mina, { roomId })).toMatchObject({
      company: { userId: hanbit.userId, name: null, left: true },
      hasWithdrawnUser: true,
    })
  })

  test('a room that no application made answers with what it has', async () => {
    const { ctx, ...rest } = world()
    const { mina, hanbit } = await setUp({ ctx, ...rest })
    const roomId = await rest.direct(mina, hanbit)
    const room = await getApplicationRoom(ctx, mina, { roomId })
    expect(room).toMatchObject({ applicationId: null, jobPostingId: null, jobTitle: null })
    expect(new Set([room.user.userId, room.company.userId])).toEqual(new Set([mina.userId, hanbit.userId]))
    await expect(getApplicationRoom(ctx, mina, { roomId: 'nowhere' as RoomId })).rejects.toMatchObject(
      refusal('room_not_found'),
    )
  })
})
