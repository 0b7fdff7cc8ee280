import type { Seq } from '@tally/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { BadgeTrace } from '../src/frame-handlers.ts'
import type { RoomHandle } from '../src/room-handle.ts'
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

  test('leaves an open room out of the badge, and tells the others how far it was read', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    ann.room(roomId).open()
    ann.room(roomId).send('hello')
    await until(ben.badge, (badge) => badge?.total === 1)
    const benRoom = ben.room(roomId)
    benRoom.open()
    await until(ben.badge, (badge) => badge?.total === 0)
    await until(benRoom.state, (room) => room?.me.unread === 0)
    await until(benRoom.messages, ({ items: [first] }) => first?.state === 'sent')
    benRoom.markRead(seq(1))
    await until(ann.room(roomId).state, (room) => readSeqOf(room, server.id('ben')) === 1)
  })

  test('lets a badge rise again when a room is closed that was never confirmed', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    const before = await badgeOf(ben)
    ann.room(roomId).send('seen by nobody')
    await until(ben.badge, (badge) => badge?.total === before + 1)
    const close = ben.room(roomId).open()
    await until(ben.badge, (badge) => badge?.total === before)
    close()
    await until(ben.badge, (badge) => badge?.total === before + 1)
    await until(ben.room(roomId).state, (room) => room?.me.unread === 1)
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

  test('tells who types, and stops telling when they are done', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    for (const client of [ann, ben]) {
      client.room(roomId).open()
      await until(client.room(roomId).messages, ({ loading }) => !loading)
    }
    ann.room(roomId).setTyping(true)
    await until(ben.room(roomId).state, (state) => state?.typing.includes(server.id('ann')) === true)
    ann.room(roomId).send('done')
    await until(ben.room(roomId).state, (state) => state?.typing.length === 0)
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

function readSeqOf(room: ReturnType<RoomHandle['state']['get']>, userId: string): number | undefined {
  return room?.members.find((member) => member.userId === userId)?.readSeq
}

async function badgeOf(client: Tally): Promise<number> {
  const badge = await until(client.badge, (value) => value !== null)
  return badge?.total ?? 0
}
