import { randomUUID } from 'node:crypto'
import { LIMITS, type RoomId, type UserId } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { block } from '../../src/store/block.ts'
import { type CreateRoom, createRoom } from '../../src/store/create-room.ts'
import { deleteRoom } from '../../src/store/delete-room.ts'
import type { Database } from '../../src/store/open-database.ts'
import { removeMember } from '../../src/store/remove-member.ts'
import { within } from './looked-at.ts'
import { KINDS, refusal, useStore } from './store-world.ts'

const roomOf = (owner: UserId, others: readonly UserId[], more: Partial<CreateRoom> = {}): CreateRoom => ({
  id: randomUUID() as RoomId,
  kind: 'group',
  metadata: {},
  history: 'none',
  creatorId: owner,
  members: [owner, ...others].map((userId, index) => ({ userId, role: index === 0 ? 'owner' : 'member' })),
  limits: LIMITS,
  ...more,
})

describe.each(KINDS)('a room of two on %s', (kind) => {
  const world = useStore(kind)

  test('is not made where one of them blocked the other, and its key stays free', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const { db } = world()
    const pair = { kind: 'direct', key: randomUUID() } as const
    await block(db, { blockerId: bob, blockedId: alice, limits: LIMITS })
    await expect(createRoom(db, roomOf(alice, [bob], pair))).rejects.toEqual(refusal('blocked'))
    await expect(createRoom(db, roomOf(bob, [alice], pair))).rejects.toEqual(refusal('blocked'))
    const made = await world().did(createRoom(db, roomOf(alice, [bob], { ...pair, creatorId: null })))
    expect(made.created).toBe(true)
  })
})

// The embedded database has one connection: nobody comes in between.
describe('a room that is made while the one of its key is deleted, on postgres', () => {
  const world = useStore('postgres')

  async function makeBesideDeletion(old: RoomId, input: CreateRoom) {
    const { db } = world()
    const { making } = await db.transaction(async (transaction) => {
      const inside: Database = within(transaction)
      await world().did(deleteRoom(inside, { actorId: null, roomId: old }))
      const making = createRoom(db, input)
      making.catch(() => {})
      await vi.waitUntil(() => world().count(WAITING), { timeout: 10_000, interval: 5 })
      return { making }
    })
    return making
  }

  test('brings nobody to whom they blocked', async () => {
    const { alice, bob } = await world().people('alice', 'bob')
    const key = randomUUID()
    const old = await world().did(createRoom(world().db, roomOf(alice, [bob], { key })))
    await block(world().db, { blockerId: bob, blockedId: alice, limits: LIMITS })
    await expect(makeBesideDeletion(old.roomId, roomOf(alice, [bob], { key }))).rejects.toEqual(
      refusal('blocked'),
    )
  })

  test('is none too many', async () => {
    const { alice } = await world().people('alice')
    const { db } = world()
    const [key, limits] = [randomUUID(), { ...LIMITS, roomsPerUser: 1 }]
    const { roomId } = await world().did(createRoom(db, roomOf(alice, [], { key })))
    await world().did(removeMember(db, { actorId: alice, roomId, userId: alice }))
    await world().did(createRoom(db, roomOf(alice, [], { limits })))
    await expect(makeBesideDeletion(roomId, roomOf(alice, [], { key, limits }))).rejects.toEqual(
      refusal('limit_exceeded'),
    )
  })
})

const WAITING = `
  select count(*) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%create_room%'`
