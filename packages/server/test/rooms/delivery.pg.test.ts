import type { RoomId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import type { ActionContext } from '../../src/actions/context.ts'
import { deliver } from '../../src/actions/deliver.ts'
import { MembersCache } from '../../src/actions/members-cache.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import type { RoomHead } from '../../src/core/committed.ts'
import { readRecipients } from '../../src/store/read-recipients.ts'
import { readRoomHead } from '../../src/store/read-room-head.ts'
import { DATABASES } from '../../test-support/host.ts'
import { useRooms } from './rooms-world.ts'

describe.each(DATABASES)('telling what was committed, on %s', (kind) => {
  const world = useRooms(kind, {}, { expectedErrors: ['nobody takes frames here'] })

  /** A node that has forgotten who is in which room, noting down what it asks. */
  function forgetful(ctx: ActionContext, answered = () => Promise.resolve()) {
    const asked: (readonly RoomId[])[] = []
    const membersCache = new MembersCache({
      maxMembers: 1_000,
      read: async (roomIds) => {
        asked.push(roomIds)
        await answered()
        return readRecipients(ctx.db, roomIds)
      },
    })
    return { ctx: { ...ctx, membersCache }, asked }
  }

  /** As it would be after one counted message more. */
  async function risen(ctx: ActionContext, roomId: RoomId): Promise<RoomHead> {
    const head = await readRoomHead(ctx.db, roomId)
    if (head === undefined) throw new Error('no room')
    return { ...head, tally: head.tally + 1, change: head.change + 1 }
  }

  test('a room that cannot be told does not fail the badges', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const roomId = await group(mina, joon)
    await readBadge(ctx, mina)
    const stop = ctx.bus.onFrames((frames) => {
      if (frames.some((frame) => frame.kind === 'message')) throw new Error('nobody takes frames here')
    })
    await send(joon, roomId, 'hello')
    stop()
    expect(await readBadge(ctx, mina)).toMatchObject({ total: 1 })
  })

  test('a group over many rooms nobody remembers looks up all their members at once', async () => {
    const { ctx, person, group } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const roomIds = [await group(mina, joon), await group(mina), await group(joon, mina)]
    await readBadge(ctx, mina)
    const node = forgetful(ctx)
    const rooms = await Promise.all(roomIds.map((roomId) => risen(ctx, roomId)))
    await deliver(node.ctx, { committed: { rooms, members: [], outboxId: null } })
    expect(node.asked).toEqual([roomIds])
    expect(await readBadge(ctx, mina)).toMatchObject({ total: 3, unreadRooms: 3 })
  })

  test('a room whose members are remembered does not wait for those of another', async () => {
    const { ctx, person, group } = world()
    const mina = await person('mina')
    const [known, unknown] = [await group(mina), await group(mina)]
    await readBadge(ctx, mina)
    let answered = Promise.resolve()
    const node = forgetful(ctx, () => answered)
    await node.ctx.membersCache.recipients(known, 0)
    const { promise, resolve: answer } = Promise.withResolvers<void>()
    answered = promise
    const rooms = await Promise.all([risen(ctx, unknown), risen(ctx, known)])
    const told = deliver(node.ctx, { committed: { rooms, members: [], outboxId: null } })
    expect(await readBadge(ctx, mina)).toMatchObject({ total: 1 })
    answer()
    await told
    expect(await readBadge(ctx, mina)).toMatchObject({ total: 2 })
  })
})
