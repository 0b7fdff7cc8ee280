import type { RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { archiveRoom } from '../../src/actions/archive-room.ts'
import type { Caller } from '../../src/actions/context.ts'
import { createNotification } from '../../src/actions/create-notification.ts'
import { findMismatches } from '../../src/actions/find-mismatches.ts'
import { muteRoom } from '../../src/actions/mute-room.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { type Reconciliation, reconcile } from '../../src/actions/reconcile.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { Reconciler } from '../../src/workers/reconciler.ts'
import { DATABASES } from '../../test-support/host.ts'
import { recountAll } from '../../test-support/oracle.ts'
import { useRooms } from './rooms-world.ts'

const WITHIN = { timeout: 15_000, interval: 10 }

describe.each(DATABASES)('reconciling on %s', (kind) => {
  // What the tests break is what it complains about.
  const world = useRooms(kind, {}, { expectedErrors: ['a count in the database was wrong'] })

  const run = (...people: Caller[]) =>
    reconcile(world().ctx, {
      userIds: people.map(({ userId }) => userId),
      pause: async () => {},
    })
  const total = async (person: Caller) => (await readBadge(world().ctx, person)).total

  /** Somebody with one unread message in a room of two. */
  async function unreadRoom(): Promise<{ reader: Caller; writer: Caller; roomId: RoomId }> {
    const { person, group, send } = world()
    const [reader, writer] = [await person('mina'), await person('joon')]
    const roomId = await group(reader, writer)
    await send(writer, roomId, 'hi')
    expect(await total(reader)).toBe(1)
    return { reader, writer, roomId }
  }

  /** As nothing of the product ever does. */
  async function breakLedger(userId: UserId, roomId: RoomId): Promise<void> {
    const flags = { left: false, muted: false, archivedAtTally: null }
    const member = { kind: 'room', settled: 1, version: 1_000, flags } as const
    await world().ctx.ledger.apply([{ userId, rooms: [{ roomId, member }] }])
  }

  async function breakRow(userId: UserId, roomId: RoomId, settledBy = 1): Promise<void> {
    await world().ctx.db.query({
      name: '',
      text: `update members set settled = settled + $3, version = version + 1 where room_id = $1 and user_id = $2`,
      values: [roomId, userId, settledBy],
    })
  }

  test('finds nothing where everything is right: rooms muted, archived, left, open, and the feed', async () => {
    const { ctx, group, send } = world()
    const { reader, writer } = await unreadRoom()
    const { userId } = reader
    const rooms = [await group(writer, reader), await group(writer, reader), await group(writer, reader)]
    const [muted, archived, left] = rooms as [RoomId, RoomId, RoomId]
    for (const roomId of rooms) await send(writer, roomId, 'hi')
    await muteRoom(ctx, reader, { roomId: muted, muted: true })
    await archiveRoom(ctx, reader, { roomId: archived, archived: true })
    await removeMember(ctx, reader, { roomId: left, userId })
    await send(writer, left, 'without you')
    const open = await group(writer, reader)
    await send(writer, open, 'seen')
    const lease = { kind: 'open', deviceId: 'socket:1', roomId: open, readEpoch: 0, ttlMs: 60_000 } as const
    await ctx.ledger.apply([{ userId, leases: [lease] }])
    await createNotification(ctx, { userIds: [userId], type: 'offer', title: 'An offer', content: '' })
    expect(await findMismatches(ctx, userId)).toEqual([])
    expect(await run(reader, writer)).toEqual({ checked: 2, mismatches: [], repaired: 0 })
  })

  test('a ledger that is wrong about a room is warmed anew', async () => {
    const { reader, roomId } = await unreadRoom()
    await breakLedger(reader.userId, roomId)
    expect(await total(reader)).toBe(0)
    const { mismatches, repaired } = await run(reader)
    expect(mismatches).toMatchObject([{ kind: 'ledger', userId: reader.userId, roomId }])
    expect(repaired).toBe(1)
    await expect.poll(() => total(reader), WITHIN).toBe(1)
    expect(await run(reader)).toMatchObject({ mismatches: [] })
  })

  test('a ledger that does not know a room is warmed anew', async () => {
    const { ctx } = world()
    const { reader, roomId } = await unreadRoom()
    const [warm] = (await ctx.db.query<{ warm: number }>({
      name: '',
      text: `select nextval('ledger_warm') as warm`,
      values: [],
    })) as [{ warm: number }]
    const { userId } = reader
    await ctx.ledger.beginWarm([{ userId, ...warm, force: true }])
    await ctx.ledger.finishWarm([{ userId, ...warm, registers: [] }])
    expect(await total(reader)).toBe(0)
    expect(await run(reader)).toMatchObject({ mismatches: [{ kind: 'ledger', roomId }], repaired: 1 })
    await expect.poll(() => total(reader), WITHIN).toBe(1)
  })

  test('a count in the database that is wrong is counted anew, and everybody is told', async () => {
    const { ctx } = world()
    const { reader, roomId } = await unreadRoom()
    await breakRow(reader.userId, roomId)
    const { mismatches, repaired } = await run(reader)
    expect(mismatches.filter(({ kind }) => kind === 'database')).toMatchObject([
      { kind: 'database', userId: reader.userId, roomId },
    ])
    expect(repaired).toBeGreaterThan(0)
    await recountAll(ctx.db)
    await expect.poll(() => total(reader), WITHIN).toBe(1)
    expect(await run(reader)).toMatchObject({ mismatches: [] })
  })

  test('what moves between the two looks is no mismatch', async () => {
    const { ctx, send } = world()
    const { reader, writer, roomId } = await unreadRoom()
    await breakLedger(reader.userId, roomId)
    const pause = () => send(writer, roomId, 'more')
    const looked = await reconcile(ctx, { userIds: [reader.userId], pause })
    expect(looked).toMatchObject({ mismatches: [], repaired: 0 })
    await run(reader)
    await expect.poll(() => total(reader), WITHIN).toBe(2)
  })

  test('a row that is right is not written to', async () => {
    const { ctx } = world()
    const { reader, roomId } = await unreadRoom()
    const text = 'select repair_member($1, $2) as answer'
    const [row] = await ctx.db.query({ name: '', text, values: [reader.userId, roomId] })
    expect(row).toEqual({ answer: { rooms: [], members: [], outboxId: null } })
  })

  test('goes through everybody, some at a time', async () => {
    const { ctx } = world()
    const { reader, roomId } = await unreadRoom()
    await breakRow(reader.userId, roomId)
    const found: Reconciliation[] = []
    const sweep = new Reconciler({ onReconciled: (one) => found.push(one), random: () => 0, pauseMs: 1 })
    const isFound = () => found.some(({ mismatches }) => mismatches.some((one) => one.roomId === roomId))
    await expect.poll(() => sweep.run(ctx).then(isFound), WITHIN).toBe(true)
    expect(Math.max(...found.map(({ checked }) => checked))).toBeLessThanOrEqual(5)
    await recountAll(ctx.db)
  })

  test('and looks at some of those who are connected, at random', async () => {
    const { ctx } = world()
    const { reader, roomId } = await unreadRoom()
    await breakLedger(reader.userId, roomId)
    ctx.devices.connect({ userId: reader.userId, deviceId: 'socket:sampled' })
    const found: Reconciliation[] = []
    const reconciler = new Reconciler({ onReconciled: (one) => found.push(one), random: () => 0, pauseMs: 1 })
    await reconciler.run(ctx)
    ctx.devices.disconnect('socket:sampled')
    expect(found.flatMap(({ mismatches }) => mismatches)).toMatchObject([{ kind: 'ledger', roomId }])
    await expect.poll(() => total(reader), WITHIN).toBe(1)
  })

  test('a run that is under way ends with its node', async () => {
    const { ctx } = world()
    const { reader, roomId } = await unreadRoom()
    await breakLedger(reader.userId, roomId)
    ctx.devices.connect({ userId: reader.userId, deviceId: 'socket:ended' })
    const reconciler = new Reconciler({ onReconciled: () => {}, random: () => 0, pauseMs: 3_600_000 })
    const running = reconciler.run(ctx)
    reconciler.stop()
    await running
    ctx.devices.disconnect('socket:ended')
    await run(reader)
  })
})
