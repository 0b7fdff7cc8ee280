import { Badge, type UserId } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { createRoom } from '../../src/actions/create-room.ts'
import { listRooms } from '../../src/actions/list-rooms.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { sendSystemMessage } from '../../src/actions/send-system-message.ts'
import { sync } from '../../src/actions/sync.ts'
import { loadConfig } from '../../src/config.ts'
import { startTally } from '../../src/main.ts'
import { createLog } from '../../src/ops/log.ts'
import { DATABASES } from '../../test-support/host.ts'
import { createTestDatabase } from '../../test-support/test-database.ts'
import { refusal, useRooms } from './rooms-world.ts'

describe.each(DATABASES)('a badge on %s', (kind) => {
  const world = useRooms(kind)

  test('is read without a query, and warmed with one when nobody has asked before', async () => {
    const { person, group, send, watched } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    await send(joon, await group(mina, joon), 'hi')
    const { ctx, statements } = watched()
    await readBadge(ctx, mina)
    statements.length = 0
    const badge = await readBadge(ctx, mina)
    expect(badge).toMatchObject({ total: 1, unreadRooms: 1, notifications: 0 })
    expect(Badge.parse(badge)).toEqual(badge)
    expect(statements).toEqual([])
  })
})

test('while the database is away a known badge goes on, marked stale, and an unknown one says so', async () => {
  const database = await createTestDatabase('postgres')
  if (!('databaseUrl' in database.options)) throw new Error('a server is needed')
  const config = loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    JWT_SECRET: 'the secret of the tests, known to nobody else',
    DATABASE_URL: database.options.databaseUrl,
    TALLY_DEMO_DATA: 'false',
    TALLY_DRAIN_SPREAD_MS: '0',
  })
  const { ctx, stop } = await startTally(config, createLog({ level: 'silent' }))
  const [warm, cold] = [{ userId: 'warm' as UserId }, { userId: 'cold' as UserId }]
  const memberIds = [warm.userId, cold.userId]
  const { id: roomId } = await createRoom(ctx, null, { kind: 'group', memberIds, history: 'none' })
  const { rev } = await sync(ctx, warm, {})
  const badge = await readBadge(ctx, warm)
  expect(badge).not.toHaveProperty('stale')

  await database.drop()
  await expect(sendSystemMessage(ctx, { roomId, text: 'x' })).rejects.toMatchObject(
    refusal('storage_unavailable'),
  )
  await vi.waitFor(async () => expect(await readBadge(ctx, warm)).toEqual({ ...badge, stale: true }), {
    timeout: 15_000,
  })
  expect(await sync(ctx, warm, { since: rev })).toMatchObject({ rooms: [], badge: { total: 0, stale: true } })
  expect(await readBadge(ctx, cold)).toEqual({
    total: null,
    unreadRooms: 0,
    notifications: 0,
    rev: 0,
    stale: true,
  })
  await expect(listRooms(ctx, warm, { limit: 20 })).rejects.toMatchObject(refusal('storage_unavailable'))
  await stop()
})
