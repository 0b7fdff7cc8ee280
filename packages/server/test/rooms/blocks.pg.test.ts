import type { Cursor, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { blockUser } from '../../src/actions/block-user.ts'
import { listBlocks } from '../../src/actions/list-blocks.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { unblockUser } from '../../src/actions/unblock-user.ts'
import { DATABASES } from '../../test-support/host.ts'
import { limitedTo, refusal, useRooms } from './rooms-world.ts'

describe.each(DATABASES)('blocks on %s', (kind) => {
  const world = useRooms(kind)

  test("a blocked person's messages count for nothing, and again after the block, as does saying either twice", async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const roomId = await group(mina, joon)
    const total = async () => (await readBadge(ctx, mina)).total
    await send(joon, roomId, 'before')
    await blockUser(ctx, mina, joon)
    await blockUser(ctx, mina, joon)
    expect(await total()).toBe(0)
    await send(joon, roomId, 'meanwhile')
    expect(await total()).toBe(0)
    await unblockUser(ctx, mina, joon)
    await unblockUser(ctx, mina, joon)
    expect(await total()).toBe(2)
  })

  test('the list of blocks is the own one, page by page', async () => {
    const { ctx, person } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const blocked = await Promise.all(['a', 'b', 'c'].map(person))
    for (const other of blocked) await blockUser(ctx, mina, other)
    await blockUser(ctx, joon, mina)
    const seen: [UserId, string | null][] = []
    let cursor: Cursor | undefined
    do {
      const page = await listBlocks(ctx, mina, { limit: 2, cursor })
      seen.push(...page.items.map(({ userId, name }): [UserId, string | null] => [userId, name]))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(new Map(seen)).toEqual(new Map(blocked.map(({ userId }, index) => [userId, 'abc'[index]])))
  })

  test('nobody blocks themselves, somebody unknown, or more people than they may', async () => {
    const { ctx, person } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    await expect(blockUser(ctx, mina, mina)).rejects.toMatchObject(refusal('invalid_request'))
    await expect(blockUser(ctx, mina, { userId: 'nobody' as UserId })).rejects.toMatchObject(
      refusal('user_not_found'),
    )
    await expect(blockUser(limitedTo(ctx, { blocksPerUser: 0 }), mina, joon)).rejects.toMatchObject({
      ...refusal('limit_exceeded'),
      details: { limit: 'blocksPerUser' },
    })
  })
})
