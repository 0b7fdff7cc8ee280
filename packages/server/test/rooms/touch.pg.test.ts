import { RequestError, type UserId } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { connectDevice, disconnectDevice } from '../../src/actions/connect-device.ts'
import { openRoom } from '../../src/actions/open-room.ts'
import { readyView } from '../../src/actions/ready-view.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { waitForMove } from '../../src/actions/wait-for-move.ts'
import type { LedgerStep } from '../../src/core/ledger-step.ts'
import { REVS_PER_WARM } from '../../src/core/user-entry.ts'
import { markUnread } from '../../src/store/mark-unread.ts'
import { nextWarms } from '../../src/store/next-warms.ts'
import { DATABASES } from '../../test-support/host.ts'
import { refusal, useRooms } from './rooms-world.ts'

describe.each(DATABASES)('the touch on %s', (kind) => {
  const world = useRooms(kind)

  test.each([
    ['as fast as it goes, some hundred at a time', { spreadOverMs: 0 }],
    ['in short steps where there is time', { spreadOverMs: 500 }],
  ])('reaches everybody who is connected %s', async (_, how) => {
    const { ctx } = world()
    const userIds = Array.from({ length: 1_200 }, (_, n) => `touched-${n}` as UserId)
    await ctx.warmer.ensure(userIds)
    for (const userId of userIds) ctx.devices.connect({ userId, deviceId: `socket:${userId}` })
    const apply = vi.spyOn(ctx.ledger, 'apply')
    await touchDevices(ctx, how)
    const calls: (readonly LedgerStep[])[] = apply.mock.calls.map(([steps]) => steps)
    apply.mockRestore()
    for (const userId of userIds) ctx.devices.disconnect(`socket:${userId}`)
    const mostAtOnce = how.spreadOverMs === 0 ? 500 : 20
    expect(calls.every((steps) => steps.length <= mostAtOnce)).toBe(true)
    const touched = new Set(calls.flat().map(({ userId }) => userId))
    expect(userIds.filter((userId) => !touched.has(userId))).toEqual([])
    const [view] = await ctx.ledger.read([{ userId: userIds[1_100]! }])
    expect(view).toMatchObject({ state: 'ready', nodes: [ctx.bus.nodeId] })
  })

  test('looks for what was made unread in one statement for all that is open, and in none where nothing is', async () => {
    const { person, group, watched } = world()
    const { ctx, statements } = watched()
    const looks = () => statements.filter(({ name }) => name === 'read-marked-unread')
    const devices = [1, 2, 3].map((n) => ({ deviceId: `socket:looks-${n}` }))
    const [ann, ben] = [await person('ann'), await person('ben')]
    for (const device of devices) await connectDevice(ctx, { ...ann, ...device })
    await touchDevices(ctx)
    expect(looks()).toEqual([])
    for (const device of devices) {
      const roomId = await group(ann, ben)
      await openRoom(ctx, { ...ann, ...device }, { roomId, read: false })
    }
    await touchDevices(ctx)
    expect(looks().map(({ values: [userIds] }) => userIds)).toEqual([
      [ann, ann, ann].map(({ userId }) => userId),
    ])
    for (const { deviceId } of devices) await disconnectDevice(ctx, deviceId)
  }, 60_000)

  test('keeps open what is open while the database is away, and looks when it is back', async () => {
    const { ctx, person, group, send } = world()
    const [ann, ben] = [await person('ann'), await person('ben')]
    const roomId = await group(ben, ann)
    const device = { ...ann, deviceId: 'socket:stays' }
    await connectDevice(ctx, device)
    await openRoom(ctx, device, { roomId, read: false })
    await send(ben, roomId, 'hello')
    // Word of it did not come here.
    await markUnread(ctx.db, { ...ann, roomId, fromSeq: 1 })
    const opens = async () => (await readyView(ctx, { userId: ann.userId, rooms: [roomId] })).opens
    const away = {
      ...ctx,
      db: { ...ctx.db, query: () => Promise.reject(new RequestError('storage_unavailable')) },
    }
    await expect(touchDevices(away as unknown as typeof ctx)).rejects.toMatchObject(
      refusal('storage_unavailable'),
    )
    expect(await opens()).toEqual([roomId])
    await touchDevices(ctx)
    expect(await opens()).toEqual([])
    await touchDevices(ctx)
    expect(await opens()).toEqual([])
    await disconnectDevice(ctx, device.deviceId)
  }, 60_000)

  test('warms a key anew whose number is lower than the one that devices were told', async () => {
    const { ctx } = world()
    const userId = 'told-higher' as UserId
    const { warms } = await nextWarms(ctx.db, 2)
    const [early, late] = [Math.min(...warms), Math.max(...warms)]
    const warmWith = async (warm: number) => {
      await ctx.ledger.beginWarm([{ userId, warm }])
      await ctx.ledger.finishWarm([{ userId, warm, registers: [] }])
    }
    ctx.devices.connect({ userId, deviceId: 'socket:told-higher' })
    await warmWith(late)
    await touchDevices(ctx)
    await ctx.ledger.drop([userId])
    await warmWith(early)
    await touchDevices(ctx)
    await vi.waitFor(
      async () => {
        const [view] = await ctx.ledger.read([{ userId }])
        expect(view?.state === 'ready' ? view.badge.rev : 0).toBeGreaterThan(late * REVS_PER_WARM)
      },
      { timeout: 30_000, interval: 50 },
    )
    ctx.devices.disconnect('socket:told-higher')
  }, 60_000)

  test('lets a poll that waits look again: its frame may be lost, and its key gone', async () => {
    const { ctx } = world()
    const userId = 'polls' as UserId
    const wait = { ms: 60_000, signal: new AbortController().signal }
    await ctx.warmer.ensure([userId])
    const [view] = await ctx.ledger.read([{ userId }])
    const since = view?.state === 'ready' ? view.badge.rev : 0
    const moved = ({ badge }: { badge: { rev: number } }) => badge.rev !== since
    const look = async () => {}
    const waiting = waitForMove(ctx, { query: { userId, rooms: [], since }, caller: {}, wait, moved, look })
    await vi.waitFor(() => expect(ctx.devices.waitingFor(userId)).toBe(1), { timeout: 30_000 })
    await ctx.ledger.drop([userId])
    await touchDevices(ctx)
    expect((await waiting).badge.rev).toBeGreaterThan(since)
  }, 60_000)

  test('goes on where a warming was begun by a node that died over it', async () => {
    const { ctx } = world()
    const userId = 'half-warmed' as UserId
    const [warm] = (await nextWarms(ctx.db, 1)).warms
    ctx.devices.connect({ userId, deviceId: 'socket:half-warmed' })
    expect(await ctx.ledger.beginWarm([{ userId, warm: warm! }])).toEqual(['begun'])
    await touchDevices(ctx)
    await vi.waitFor(
      async () => expect(await ctx.ledger.read([{ userId }])).toMatchObject([{ state: 'ready' }]),
      { timeout: 30_000, interval: 100 },
    )
    ctx.devices.disconnect('socket:half-warmed')
  }, 60_000)
})
