import type { RoomId } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { addMembers } from '../../src/actions/add-members.ts'
import { connectDevice, disconnectDevice } from '../../src/actions/connect-device.ts'
import type { ActionContext, Caller } from '../../src/actions/context.ts'
import { createShares } from '../../src/actions/database-shares.ts'
import { endMissedOpens } from '../../src/actions/end-missed-opens.ts'
import { markUnread } from '../../src/actions/mark-unread.ts'
import { MembersCache } from '../../src/actions/members-cache.ts'
import { openRoom } from '../../src/actions/open-room.ts'
import { pollRoom } from '../../src/actions/poll-room.ts'
import { readyView } from '../../src/actions/ready-view.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { tellRows } from '../../src/actions/tell-rows.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { putVisits } from '../../src/actions/visits.ts'
import { LocalDevices } from '../../src/bus/local-devices.ts'
import { AskedTogether } from '../../src/store/asked-together.ts'
import { readRecipients } from '../../src/store/read-recipients.ts'
import type { Statement } from '../../src/store/statement.ts'
import { DATABASES } from '../../test-support/host.ts'
import { useRooms } from './rooms-world.ts'

const WITHIN = { timeout: 30_000, interval: 5 }

/** A node that has forgotten who is in which room, and learns it when it is let. */
function slow(ctx: ActionContext): { ctx: ActionContext; isAsking: () => boolean; answer: () => void } {
  const { promise, resolve: answer } = Promise.withResolvers<void>()
  let isAsking = false
  const membersCache = new MembersCache({
    maxMembers: 1_000,
    read: async (roomIds) => {
      isAsking = true
      await promise
      return readRecipients(ctx.db, roomIds)
    },
  })
  return { ctx: { ...ctx, membersCache }, isAsking: () => isAsking, answer }
}

const open = { read: false }

describe.each(DATABASES)('what is opened while the end of what was open is under way, on %s', (kind) => {
  const world = useRooms(kind)

  /** Ann with a room, which one of her devices shows. */
  async function showing(): Promise<{ ann: Caller; roomId: RoomId; device: Caller & { deviceId: string } }> {
    const { ctx, person, group, send } = world()
    const [ann, ben] = [await person('ann'), await person('ben')]
    const roomId = await group(ben, ann)
    const device = { ...ann, deviceId: `${ann.userId}/phone` }
    await connectDevice(ctx, device)
    await openRoom(ctx, device, { roomId, ...open })
    await send(ben, roomId, 'hello')
    return { ann, roomId, device }
  }

  /** What the ledger holds open, and what it shows of the room. */
  async function ledger({ userId }: Caller, roomId: RoomId) {
    const { opens, rooms } = await readyView(world().ctx, { userId, rooms: [roomId] })
    return { opens, shown: rooms.map(({ shown }) => shown) }
  }

  test('stays open: by somebody who was taken out and came back', async () => {
    const { ctx, send, person } = world()
    const { ann, roomId, device } = await showing()
    const node = slow(ctx)
    const removed = removeMember(node.ctx, null, { roomId, userId: ann.userId })
    await vi.waitFor(() => expect(node.isAsking()).toBe(true), WITHIN)
    expect(ctx.devices.get(device.deviceId)?.rooms.size).toBe(0)
    await addMembers(ctx, null, { roomId, userIds: [ann.userId], role: 'member' })
    await openRoom(ctx, device, { roomId, ...open })
    node.answer()
    await removed
    const cho = await person('cho')
    await addMembers(ctx, null, { roomId, userIds: [cho.userId], role: 'member' })
    await send(cho, roomId, 'welcome back')
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    await disconnectDevice(ctx, device.deviceId)
  }, 60_000)

  test('stays open: by somebody whom the host took out before they came', async () => {
    const { ctx, person, group, send } = world()
    const [ann, ben] = [await person('ann'), await person('ben')]
    const roomId = await group(ben)
    const device = { ...ann, deviceId: `${ann.userId}/phone` }
    await connectDevice(ctx, device)
    const node = answeringLate(ctx)
    const removed = removeMember(node.ctx, null, { roomId, userId: ann.userId })
    await node.done
    await addMembers(ctx, null, { roomId, userIds: [ann.userId], role: 'member' })
    await openRoom(ctx, device, { roomId, ...open })
    await send(ben, roomId, 'hello')
    node.answer()
    await removed
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    await disconnectDevice(ctx, device.deviceId)
  }, 60_000)

  test('stays open: a room whose mark as unread is told a second time', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    const { readSeq } = await markUnread(ctx, ann, { roomId, fromSeq: 1 })
    expect(await ledger(ann, roomId)).toEqual({ opens: [], shown: [1] })
    const node = slow(ctx)
    const members = [{ roomId, userId: ann.userId, unreadAfter: readSeq }]
    const told = tellRows(node.ctx, [{ id: '1', payload: { rooms: [{ roomId, change: 1 }], members } }])
    await vi.waitFor(() => expect(node.isAsking()).toBe(true), WITHIN)
    await openRoom(ctx, device, { roomId, ...open })
    node.answer()
    await told
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    await disconnectDevice(ctx, device.deviceId)
  }, 60_000)

  test('stays open: a room whose mark as unread another node completes late', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    const { readSeq } = await markUnread(ctx, ann, { roomId, fromSeq: 1 })
    await openRoom(ctx, device, { roomId, ...open })
    const elsewhere = { ...ctx, devices: new LocalDevices() }
    const members = [{ roomId, userId: ann.userId, unreadAfter: readSeq }]
    await tellRows(elsewhere, [{ id: '1', payload: { rooms: [{ roomId, change: 1 }], members } }])
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    // What it holds is said anew from here.
    await ctx.ledger.drop([ann.userId])
    await touchDevices(ctx)
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    await disconnectDevice(ctx, device.deviceId)
  })

  test('stays open: a room that was on its way to be opened when word of an older mark came late', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    const { readEpoch } = await markUnread(ctx, ann, { roomId, fromSeq: 1 })
    const node = openingLate(ctx)
    const opening = openRoom(node.ctx, device, { roomId, ...open })
    await node.done
    ctx.bus.send('all', [{ kind: 'open-ended', userId: ann.userId, roomId, beforeEpoch: readEpoch }])
    node.answer()
    await opening
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    await touchDevices(ctx)
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    await disconnectDevice(ctx, device.deviceId)
  })

  test('stays open: a room that was opened anew after a mark, before the answer of the first time', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    const node = openingLate(ctx)
    const first = openRoom(node.ctx, device, { roomId, ...open })
    await node.done
    await markUnread(ctx, ann, { roomId, fromSeq: 1 })
    await openRoom(ctx, device, { roomId, ...open })
    node.answer()
    await first
    await endMissedOpens(ctx)
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    await disconnectDevice(ctx, device.deviceId)
  })

  test('is not open: a room that was marked unread while it was on its way to be opened', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    const node = openingLate(ctx)
    const opening = openRoom(node.ctx, device, { roomId, ...open })
    await node.done
    await markUnread(ctx, ann, { roomId, fromSeq: 1 })
    node.answer()
    await opening
    expect(await ledger(ann, roomId)).toEqual({ opens: [], shown: [1] })
    await disconnectDevice(ctx, device.deviceId)
  })

  test('is not open: a room that was marked unread once more after it was read on opening', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    const elsewhere = { ...ctx, devices: new LocalDevices() }
    // Marked unread while it is opened, read by the opening, and marked again before the answer comes.
    const groups = Object.assign(Object.create(ctx.groups), {
      readHead: async (item: Parameters<typeof ctx.groups.readHead>[0]) => {
        await markUnread(ctx, ann, { roomId, fromSeq: 1 })
        const now = await ctx.groups.readHead(item)
        await markUnread(elsewhere, ann, { roomId, fromSeq: 1 })
        return now
      },
    })
    await openRoom({ ...ctx, groups }, device, { roomId, read: true })
    await touchDevices(ctx)
    expect(await ledger(ann, roomId)).toEqual({ opens: [], shown: [1] })
    await disconnectDevice(ctx, device.deviceId)
  })

  test('is not open: a room that was marked unread between the look of a poll and its lease', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    await disconnectDevice(ctx, device.deviceId)
    const warmer = Object.assign(Object.create(ctx.warmer), {
      ensure: async (userIds: Parameters<typeof ctx.warmer.ensure>[0]) => {
        await markUnread(ctx, ann, { roomId, fromSeq: 1 })
        await ctx.warmer.ensure(userIds)
      },
    })
    const { screenEpoch } = await pollRoom({ ...ctx, warmer }, ann, { roomId })
    expect(await ledger(ann, roomId)).toEqual({ opens: [], shown: [1] })
    await pollRoom(ctx, ann, { roomId, screenEpoch })
    expect(await ledger(ann, roomId)).toEqual({ opens: [], shown: [1] })
    await pollRoom(ctx, ann, { roomId })
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
  })

  test('stays open: a room that was open and is opened once more after a gap', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    const node = openingLate(ctx)
    const opening = openRoom(node.ctx, device, { roomId, ...open })
    await node.done
    await ctx.ledger.drop([ann.userId])
    await touchDevices(ctx)
    expect(await ledger(ann, roomId)).toEqual({ opens: [roomId], shown: [0] })
    node.answer()
    await opening
    await disconnectDevice(ctx, device.deviceId)
  })

  test('is open no more after a touch, though its lease was put behind the end of it', async () => {
    const { ctx } = world()
    const { ann, roomId, device } = await showing()
    const { readEpoch } = await markUnread(ctx, ann, { roomId, fromSeq: 1 })
    const { userId, deviceId } = device
    const lease = { kind: 'open', deviceId, roomId, readEpoch: readEpoch - 1, ttlMs: 60_000 } as const
    await ctx.ledger.apply([{ userId, leases: [lease] }])
    await touchDevices(ctx)
    expect(await ledger(ann, roomId)).toEqual({ opens: [], shown: [1] })
    await disconnectDevice(ctx, device.deviceId)
  })
})

/** A node on which whoever opens a room learns late how they stand in it. */
function openingLate(ctx: ActionContext): ReturnType<typeof answeringLate> {
  const node = answeringLate(ctx)
  const visits: ActionContext['visits'] = new AskedTogether((asked) => putVisits(node.ctx, asked), {
    everyMs: 0,
  })
  return { ...node, ctx: { ...node.ctx, visits } }
}

/** A node whose database does at once what it is asked, and says so when it is let. */
function answeringLate(ctx: ActionContext): { ctx: ActionContext; done: Promise<void>; answer: () => void } {
  const { promise: done, resolve: isDone } = Promise.withResolvers<void>()
  const { promise, resolve: answer } = Promise.withResolvers<void>()
  const query: typeof ctx.db.query = async <R>(statement: Statement): Promise<R[]> => {
    const rows = await ctx.db.query<R>(statement)
    isDone()
    await promise
    return rows
  }
  const db = new Proxy(ctx.db, {
    get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)),
  })
  // A node of its own: what it has under way holds up none of the changes of the other one.
  return { ctx: { ...ctx, db, ...createShares(db, { databaseConnections: 10 }) }, done, answer }
}
