import type { Seq, UserId } from '@tally/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { BadgeTrace } from '../src/frame-handlers.ts'
import type { RoomState } from '../src/room-row.ts'
import type { Tally } from '../src/tally.ts'
import { describeConversation } from './conversation.contract.ts'
import { TestServer } from './test-server.ts'
import { until } from './until.ts'

describe.each(['pglite', 'postgres'] as const)('a client on %s', (kind) => {
  let server: TestServer
  beforeAll(async () => {
    server = await TestServer.start(kind)
  })
  afterEach(() => server.endRound())
  afterAll(() => server.remove())

  for (const transport of ['websocket', 'polling'] as const) describeConversation(transport, () => server)

  test('shows the new name of somebody where a room is open, and in the list', async () => {
    const rooms = [await server.room('ann', 'ben'), await server.room('ann', 'ben', 'cho')]
    const ann = await server.signIn('ann')
    const states = rooms.map((roomId) => ann.room(roomId).state)
    for (const state of states) await until(state, (room) => room !== undefined)
    const close = ann.room(rooms[0]!).open()
    await until(ann.room(rooms[0]!).messages, ({ loading }) => !loading)
    await server.asHost('PUT', `/v1/users/${server.id('ben')}`, {
      name: 'Benedict',
      image: 'https://example.com/ben.png',
    })
    for (const state of states) {
      const room = await until(state, (shown) => nameOf(shown, server.id('ben')) === 'Benedict')
      expect(room?.members).toContainEqual(expect.objectContaining({ image: 'https://example.com/ben.png' }))
    }
    close()
  })

  test('names everybody who is blocked, however many', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `blocked-${String(index).padStart(2, '0')}`)
    await Promise.all(names.map((name) => server.asHost('PUT', `/v1/users/${server.id(name)}`, { name })))
    const ann = await server.signIn('ann')
    await Promise.all(names.map((name) => ann.block(server.id(name))))
    const blocked = await ann.listBlocks()
    expect(blocked.map(({ userId }) => userId)).toEqual(names.map((name) => server.id(name)).sort())
    await ann.unblock(server.id('blocked-59'))
    expect(await ann.listBlocks()).toHaveLength(59)
  })

  test('counts a room as closed while the app is not in view, and reads nothing meanwhile', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    const before = await badgeOf(ben)
    const room = ben.room(roomId)
    room.open()
    await until(room.state, (state) => state !== undefined)
    ben.setVisible(false)
    ann.room(roomId).send('are you there?')
    await until(room.messages, ({ items: [first] }) => first?.state === 'sent')
    await until(ben.badge, (badge) => badge?.total === before + 1)
    await until(room.state, (state) => state?.me.unread === 1)
    room.markRead(seq(1))
    ben.setVisible(true)
    await until(ben.badge, (badge) => badge?.total === before)
    await until(room.state, (state) => state?.me.readSeq === 1)
    await until(room.state, (state) => state?.me.unread === 0)
  })

  test('shows who is here, to those who were here before and to those who come', async () => {
    const ann = await server.signIn('ann')
    const ben = await server.signIn('ben')
    const { id } = await ann.createRoom({ kind: 'direct', memberIds: [server.id('ben')] })
    await until(ben.room(id).state, (state) => state !== undefined)
    await ben.stop()
    await until(ann.presence(server.id('ben')), ({ online, lastSeenAt }) => !online && lastSeenAt !== null)
    expect(ann.room(id).state.get()?.online).toBe(false)
    ben.start()
    await until(ann.room(id).state, (state) => state?.online === true)
    await until(ben.room(id).state, (state) => state?.online === true)
  })

  test('shows how long a badge took, and where the time went', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    const traces: BadgeTrace[] = []
    const stop = ben.onBadgeTrace((trace) => traces.push(trace))
    const sentAtMs = performance.now()
    ann.room(roomId).send('how fast?')
    await until(ben.room(roomId).state, (state) => state?.seq === 1)
    stop()
    const trace = traces.find((candidate) => candidate.roomId === roomId && candidate.seq === 1)
    expect(trace?.receivedAtMs).toBeGreaterThan(sentAtMs)
    expect(trace?.timing?.commitMs).toBeGreaterThan(0)
    await until(ann.connection, ({ latencyMs }) => latencyMs !== null)
  })
})

const seq = (place: number): Seq => place as Seq

const nameOf = (room: RoomState | undefined, id: UserId) =>
  room?.members.find(({ userId }) => userId === id)?.name

async function badgeOf(client: Tally): Promise<number> {
  const badge = await until(client.badge, (value) => value !== null)
  return badge?.total ?? 0
}
