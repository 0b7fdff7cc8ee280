import { afterEach, describe, expect, test } from 'vitest'
import { AppClient } from '../../test-support/app-client.ts'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { BreakableNetwork } from './breakable-network.ts'
import { World } from './scenario-world.ts'

const PING_INTERVAL_MS = 1_000
const PING_TIMEOUT_MS = 1_000

/** What a busy machine may add: less than it takes until the touch would find out. */
const GRACE_MS = 12_000

describe.each(DEPLOYMENTS)('devices that fall silent, on %s', (database) => {
  const tally = useDeployment(database, {
    TALLY_PING_INTERVAL_MS: String(PING_INTERVAL_MS),
    TALLY_PING_TIMEOUT_MS: String(PING_TIMEOUT_MS),
  })
  const endings: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
    tally().closeClients()
  })

  test('[26] a device that freezes with the room open: what it never confirmed counts again on the other, by itself', async () => {
    const w = new World(tally())
    const roomId = await w.room('a', 'b')
    const way = await BreakableNetwork.to(tally().url)
    endings.push(() => way.close())
    const frozen = new AppClient(way.url)
    endings.push(() => frozen.close())
    await frozen.connected()
    frozen.emit('authenticate', await tally().token(w.person('a')))
    await frozen.next('total-unread-count-updated')
    const other = await w.device('a')
    await frozen.call('join-room', { roomId, read: false })
    await w.sendMany('b', roomId, 3)
    await frozen.next('new-message', ({ seq }) => seq === 2)
    await frozen.call('mark-read', { roomId, upToSeq: 2 })
    expect(await w.total('a')).toBe(0)
    await other.settled()
    other.forget()

    // The connection stays as it is, and nothing comes through it any more. Nothing else happens.
    way.silence()
    const silentAtMs = performance.now()
    const total = await other.next('total-unread-count-updated')
    const tookMs = performance.now() - silentAtMs
    expect(total).toMatchObject({ totalUnreadCount: 1, unreadRooms: 1 })
    expect(tookMs).toBeLessThan(PING_INTERVAL_MS + PING_TIMEOUT_MS + GRACE_MS)
    expect(other.all('chat-room-updated').at(-1)).toMatchObject({ roomId, unread_count: 1 })
    await w.expectExact('a')
  })

  test('[8] taken out of a room that is open on a device, and brought back: nothing unread is hidden by it', async () => {
    const w = new World(tally())
    const roomId = await w.room('b', 'a')
    const device = await w.device('a')
    await device.call('join-room', { roomId, read: false })
    await w.ask('DELETE', `/v1/rooms/${roomId}/members/${w.person('a')}`, { as: 'b' })
    await w.ask('POST', `/v1/rooms/${roomId}/members`, { as: 'b', body: { userIds: [w.person('a')] } })
    await w.send('b', roomId, 'welcome back')
    await device.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    expect(await w.badge('a')).toMatchObject({ total: 1, unreadRooms: 1 })
    await w.expectExact('a', 'b')
  })
})
