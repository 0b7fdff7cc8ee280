import { randomUUID } from 'node:crypto'
import type { RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import {
  findApplicationRoom,
  getApplicationRoom,
  listApplicationRooms,
} from '../../src/actions/application-rooms.ts'
import type { Caller } from '../../src/actions/context.ts'
import { createApplicationRoom } from '../../src/actions/create-application-room.ts'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { DATABASES, type RoomsWorld, refusal, useRooms } from './rooms-world.ts'

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

  test('each side lists its rooms, newest first, with the number of its badge', async () => {
    const { ctx, send, ...rest } = world()
    const { mina, hanbit, application } = await setUp({ ctx, send, ...rest })
    const { roomId: first } = await createApplicationRoom(ctx, mina, application)
    const { roomId: second } = await createApplicationRoom(ctx, mina, applicationOf(mina, hanbit))
    await rest.direct(mina, hanbit)
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
