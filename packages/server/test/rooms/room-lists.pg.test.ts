import type { Cursor, Room, UserId } from '@tally/protocol'
import { Room as RoomSchema } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { addMembers } from '../../src/actions/add-members.ts'
import { archiveRoom } from '../../src/actions/archive-room.ts'
import type { ActionContext, Caller } from '../../src/actions/context.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { getHostRoom } from '../../src/actions/get-host-room.ts'
import { getRoom } from '../../src/actions/get-room.ts'
import { listMembers } from '../../src/actions/list-members.ts'
import { listRooms } from '../../src/actions/list-rooms.ts'
import { muteRoom } from '../../src/actions/mute-room.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { DATABASES } from '../../test-support/host.ts'
import { limitedTo, refusal, useRooms } from './rooms-world.ts'

async function allRooms(ctx: ActionContext, caller: Caller, limit: number): Promise<Room[][]> {
  const pages: Room[][] = []
  let cursor: Cursor | undefined
  do {
    const page = await listRooms(ctx, caller, { limit, ...(cursor === undefined ? {} : { cursor }) })
    pages.push(page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return pages
}

describe.each(DATABASES)('lists of rooms on %s', (kind) => {
  const world = useRooms(kind)

  test('pages hold every room once, the one with the newest message first', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const rooms = [
      await group(mina, joon),
      await group(mina, joon),
      await group(mina, joon),
      await group(mina, joon),
    ]
    const [a, b, c, d] = rooms
    for (const roomId of [c!, a!, d!, b!]) await send(joon, roomId, 'hi')
    const pages = await allRooms(ctx, mina, 2)
    expect(pages.map((page) => page.map(({ id }) => id))).toEqual([
      [b, d],
      [a, c],
    ])
    for (const room of pages.flat()) expect(RoomSchema.parse(room)).toEqual(room)
  })

  test('a room that moves up while somebody pages is not taken for one that was seen', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const [a, b, c] = [await group(mina, joon), await group(mina, joon), await group(mina, joon)]
    const first = await listRooms(ctx, mina, { limit: 1 })
    expect(first.items.map(({ id }) => id)).toEqual([c])
    await send(joon, a, 'up')
    const second = await listRooms(ctx, mina, { limit: 5, cursor: first.next! })
    expect(second.items.map(({ id }) => id)).toEqual([b])
  })

  test('a room shows its newest message that is not deleted, the number of its badge, and who is in it', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon, sora] = [await person('mina'), await person('joon'), await person('sora')]
    const roomId = await group(mina, joon, sora)
    await send(joon, roomId, 'first')
    const second = await send(joon, roomId, 'second')
    await removeMember(ctx, sora, { roomId, userId: sora.userId })
    await deleteMessage(ctx, joon, { roomId, seq: second.seq })
    const room = await getRoom(ctx, mina, { roomId })
    expect(room).toMatchObject({ kind: 'group', seq: 2, memberCount: 2 })
    expect(room.lastMessage).toMatchObject({ text: 'first', senderId: joon.userId })
    expect(room.me).toEqual({
      readSeq: 0,
      readEpoch: 0,
      unread: 1,
      muted: false,
      archived: false,
      role: 'owner',
    })
    const left = room.members.map(({ userId, left }) => [userId, left])
    expect(new Map(left as [UserId, boolean][])).toEqual(
      new Map([
        [mina.userId, false],
        [joon.userId, false],
        [sora.userId, true],
      ]),
    )
    expect(room.members.at(-1)?.userId).toBe(sora.userId)
  })

  test('a deleted account stays in the room without a name, and so do its messages', async () => {
    const { ctx, person, direct, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const roomId = await direct(mina, joon)
    await send(joon, roomId, 'bye')
    await deleteUser(ctx, { userId: joon.userId })
    const room = await getRoom(ctx, mina, { roomId })
    expect(room.members.find(({ userId }) => userId === joon.userId)).toMatchObject({
      name: null,
      left: true,
    })
    expect(room.lastMessage).toMatchObject({ text: 'bye', senderId: null })
  })

  test('muted and archived rooms are in the list, with their numbers', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const [muted, archived] = [await group(mina, joon), await group(mina, joon)]
    await send(joon, muted, 'psst')
    await send(joon, archived, 'old')
    await muteRoom(ctx, mina, { roomId: muted, muted: true })
    await archiveRoom(ctx, mina, { roomId: archived, archived: true })
    const [page] = await allRooms(ctx, mina, 10)
    expect(page!.map(({ me }) => [me.unread, me.muted, me.archived])).toEqual([
      [1, false, true],
      [1, true, false],
    ])
  })

  test('a large group carries its first members only, says how many there are, and lists all of them', async () => {
    const { ctx, person, group } = world()
    const mina = await person('mina')
    const others = await Promise.all(Array.from({ length: 7 }, () => person('many')))
    const roomId = await group(mina, ...others)
    await removeMember(ctx, mina, { roomId, userId: others[0]!.userId })
    const small = limitedTo(ctx, { membersShown: 3 })
    const room = await getRoom(small, mina, { roomId })
    expect(room.members).toHaveLength(3)
    expect(room.members.every(({ left }) => !left)).toBe(true)
    expect(room.memberCount).toBe(7)

    const seen: string[] = []
    let cursor: Cursor | undefined
    do {
      const page = await listMembers(ctx, mina, { roomId, limit: 3, cursor })
      seen.push(...page.items.map(({ userId }) => userId))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(seen.sort()).toEqual([mina, ...others].map(({ userId }) => userId).sort())
    expect((await listMembers(ctx, null, { roomId, limit: 100 })).items).toHaveLength(8)
  })

  test('a page of rooms costs three statements at most, however many rooms and members it has', async () => {
    const { person, group, send, watched, ctx } = world()
    const mina = await person('mina')
    const others = await Promise.all(Array.from({ length: 4 }, () => person('many')))
    for (let n = 0; n < 12; n++) await send(others[0]!, await group(mina, ...others), `hi ${n}`)
    await allRooms(ctx, mina, 20)
    const { ctx: seen, statements } = watched()
    await listRooms(limitedTo(seen, { membersShown: 3 }), mina, { limit: 10 })
    expect(statements.map(({ name }) => name)).toHaveLength(3)
  })

  test('the host sees a room without anybody being there for it, and a deleted one not at all', async () => {
    const { ctx, person, group } = world()
    const mina = await person('mina')
    const roomId = await group(mina, await person('joon'))
    const room = await getHostRoom(ctx, { roomId })
    expect(room).not.toHaveProperty('me')
    expect(room.memberCount).toBe(2)
    await expect(getHostRoom(ctx, { roomId: 'nowhere' as typeof roomId })).rejects.toMatchObject(
      refusal('room_not_found'),
    )
  })

  test('who is in a room already stays as they are when they are added again', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const roomId = await group(mina, joon)
    await send(mina, roomId, 'one')
    await addMembers(ctx, mina, { roomId, userIds: [joon.userId], role: 'admin' })
    const room = await getRoom(ctx, joon, { roomId })
    expect(room.me).toMatchObject({ unread: 1, role: 'member' })
  })
})
