import type { Seq } from '@tally/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { TestServer } from './test-server.ts'
import { until } from './until.ts'

describe.each(['pglite'] as const)('on %s', (kind) => {
  let server: TestServer
  beforeAll(async () => {
    server = await TestServer.start(kind)
  })
  afterEach(() => server.stopClients())
  afterAll(() => server.remove())

  test('what one writes is shown at once, then sent, and read by the other', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    const annRoom = ann.room(roomId)
    const benRoom = ben.room(roomId)
    const close = annRoom.open()
    await until(annRoom.messages, ({ loading, items }) => !loading && items.length === 0)

    const pending = annRoom.send('hello')
    expect(annRoom.messages.get().items).toEqual([pending])
    expect(pending.state).toBe('sending')
    const { items } = await until(annRoom.messages, ({ items: [first] }) => first?.state === 'sent')
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ key: pending.key, text: 'hello', seq: 1, senderId: 'ann' })

    await until(ben.badge, (badge) => badge?.total === 1)
    await until(benRoom.state, (room) => room?.me.unread === 1)
    expect(benRoom.state.get()?.lastMessage).toMatchObject({ text: 'hello', seq: 1 })

    const closeBen = benRoom.open()
    await until(ben.badge, (badge) => badge?.total === 0)
    const opened = await until(benRoom.messages, ({ items: [first] }) => first?.state === 'sent')
    expect(opened.firstUnreadSeq).toBe(1)
    benRoom.markRead(1 as Seq)
    await until(annRoom.state, (room) => room?.members.find(({ userId }) => userId === 'ben')?.readSeq === 1)
    closeBen()
    close()
    expect(ben.rooms.get().items.find(({ id }) => id === roomId)?.me.unread).toBe(0)
  })
})
