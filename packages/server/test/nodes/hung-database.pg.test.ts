import type { UserId } from '@tally/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { somebody } from '../../test-support/host.ts'
import { createTestDatabase, type TestDatabase } from '../../test-support/test-database.ts'
import { startTallyOn, type TestTally } from '../../test-support/test-tally.ts'
import { BreakableNetwork } from '../scenarios/breakable-network.ts'

const WITHIN = { timeout: 30_000, interval: 20 }
/** Less than what a statement may take: nobody waited for that. */
const SOON_MS = 10_000

let made: TestDatabase
let network: BreakableNetwork
let tally: TestTally

beforeAll(async () => {
  made = await createTestDatabase('postgres')
  if (!('databaseUrl' in made.options)) throw new Error('a server is needed')
  const url = new URL(made.options.databaseUrl)
  network = await BreakableNetwork.to(url.href)
  url.port = new URL(network.url).port
  url.hostname = '127.0.0.1'
  tally = await startTallyOn({ databaseUrl: url.href })
})
afterAll(async () => {
  network?.speak()
  tally?.closeClients()
  await tally?.stop()
  await network?.close()
  await made?.drop()
})

test('a database that hangs is found out soon: sends are refused, badges are read on and marked stale', async () => {
  const [writer, reader] = [somebody('writer') as UserId, somebody('reader') as UserId]
  const roomId = await tally.room(writer, reader)
  await tally.signIn(reader)
  await tally.send(writer, roomId, 'before')
  expect(await tally.badge(reader)).toMatchObject({ total: 1 })

  network.silence({ newToo: true })
  const sentAtMs = performance.now()
  const body = { text: 'while it hangs', clientId: 'one-and-the-same' }
  const send = () => tally.post(`/v1/rooms/${roomId}/messages`, { as: writer, body })
  const refused = await send()
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'storage_unavailable' } } })
  expect(refused.body.error.retryAfterMs).toBeGreaterThan(0)
  expect(performance.now() - sentAtMs).toBeLessThan(SOON_MS)
  expect(await tally.badge(reader)).toMatchObject({ total: 1, stale: true })
  expect(await send()).toMatchObject({ status: 503 })

  network.speak()
  await expect.poll(async () => (await send()).status, WITHIN).toBeLessThan(300)
  await expect.poll(() => tally.badge(reader), WITHIN).toMatchObject({ total: 2 })
  expect(await tally.badge(reader)).not.toHaveProperty('stale')
})

test('connections that went silent for ever are not used again', async () => {
  const [writer, reader] = [somebody('writer') as UserId, somebody('reader') as UserId]
  const roomId = await tally.room(writer, reader)
  network.silence({ newToo: true })
  const body = { text: 'hello' }
  expect(await tally.post(`/v1/rooms/${roomId}/messages`, { as: writer, body })).toMatchObject({
    status: 503,
  })
  // Those there are stay silent, as behind a firewall that forgot them.
  network.speak({ newOnly: true })
  const send = () => tally.post(`/v1/rooms/${roomId}/messages`, { as: writer, body })
  await expect.poll(async () => (await send()).status, WITHIN).toBe(201)
  const againAtMs = performance.now()
  for (let count = 0; count < 20; count += 1) expect((await send()).status).toBe(201)
  expect(performance.now() - againAtMs).toBeLessThan(SOON_MS)
})

test('a statement that takes long is no sign of a database that hangs', async () => {
  const text = `select pg_sleep(4), 'slept' as answer`
  const [row] = await tally.ctx.db.query({ name: '', text, values: [] })
  expect(row).toMatchObject({ answer: 'slept' })
  expect(tally.ctx.db.available).toBe(true)
})
