import type { NotificationId, RoomId, Seq } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import type { Transport } from '../src/provider.ts'
import type { RoomHandle } from '../src/room-handle.ts'
import type { Tally } from '../src/tally.ts'
import type { TestServer } from './test-server.ts'
import { until } from './until.ts'

/** What holds between people, whichever way the news reach them. */
export function describeConversation(transport: Transport, server: () => TestServer): void {
  const signIn = (name: string): Promise<Tally> => server().signIn(name, { transport })

  describe(`over ${transport}`, () => {
    test('shows what one writes at once, then as sent; the other gets a badge, and reads it', async () => {
      const roomId = await server().room('ann', 'ben')
      const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
      const annRoom = ann.room(roomId)
      const benRoom = ben.room(roomId)
      annRoom.open()
      await until(annRoom.messages, ({ loading, items }) => !loading && items.length === 0)

      const pending = annRoom.send('hello')
      expect(annRoom.messages.get().items).toEqual([pending])
      expect(pending.state).toBe('sending')
      const { items } = await until(annRoom.messages, ({ items: [first] }) => first?.state === 'sent')
      expect(items).toHaveLength(1)
      expect(items[0]).toMatchObject({
        key: pending.key,
        text: 'hello',
        seq: 1,
        senderId: server().id('ann'),
      })

      await until(ben.badge, (badge) => badge?.total === 1)
      await until(benRoom.state, (room) => room?.me.unread === 1)
      expect(benRoom.state.get()?.lastMessage).toMatchObject({ text: 'hello', seq: 1 })

      const close = benRoom.open()
      const opened = await until(benRoom.messages, ({ items: [first] }) => first?.state === 'sent')
      expect(opened.firstUnreadSeq).toBe(1)
      benRoom.markRead(seq(1))
      await until(ben.badge, (badge) => badge?.total === 0)
      await until(benRoom.state, (room) => room?.me.unread === 0)
      close()
    })

    test('agrees on two devices of one person: reading on one clears the other', async () => {
      const roomId = await server().room('ann', 'cho')
      const [ann, phone, laptop] = await Promise.all([signIn('ann'), signIn('cho'), signIn('cho')])
      ann.room(roomId).send('one')
      ann.room(roomId).send('two')
      await Promise.all([phone, laptop].map((device) => until(device.badge, (badge) => badge?.total === 2)))
      const room = phone.room(roomId)
      const close = room.open()
      await until(room.messages, ({ items }) => items.length === 2)
      room.markRead(seq(1))
      room.markRead(seq(2))
      await until(laptop.badge, (badge) => badge?.total === 0)
      await until(laptop.room(roomId).state, (state) => state?.me.unread === 0)
      close()
      await until(laptop.room(roomId).state, (state) => state?.me.unread === 0)
      expect(await phone.explain()).toMatchObject({ verdict: 'exact', badge: { total: 0 } })
    })

    test('gets edits, deletions and reactions of messages on the screen', async () => {
      const roomId = await server().room('ann', 'ben')
      const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
      const annRoom = ann.room(roomId)
      const benRoom = ben.room(roomId)
      annRoom.open()
      benRoom.open()
      annRoom.send('first')
      annRoom.send('second')
      await until(benRoom.messages, ({ items }) => items.length === 2)
      await annRoom.edit(seq(1), 'first, better')
      await benRoom.react(seq(1), '👍', true)
      await annRoom.delete(seq(2))
      for (const room of [annRoom, benRoom]) {
        const { items } = await until(room.messages, ({ items: [first, second] }) => {
          const reacted = first?.state === 'sent' && first.reactions.length === 1
          return reacted && second?.state === 'sent' && second.deletedAt !== undefined
        })
        expect(items[0]).toMatchObject({
          text: 'first, better',
          reactions: [{ emoji: '👍', userIds: [server().id('ben')] }],
        })
        expect(items[0]).toHaveProperty('editedAt')
        expect(items[1]).toMatchObject({ text: '' })
      }
      await expect(benRoom.edit(seq(1), 'not mine')).rejects.toMatchObject({ code: 'forbidden' })
    })

    test('shows a message that was refused, and sends it again or takes it back', async () => {
      const roomId = await server().room('ann', 'ben')
      const ann = await signIn('ann')
      const room = ann.room(roomId)
      room.open()
      await until(room.messages, ({ loading }) => !loading)
      const tooLong = room.send('a'.repeat(4_001))
      const { items } = await until(room.messages, ({ items: [first] }) => first?.state === 'failed')
      expect(items[0]).toMatchObject({ error: { code: 'message_too_long' } })
      room.retry(tooLong.clientId)
      expect(room.messages.get().items[0]?.state).toBe('sending')
      await until(room.messages, ({ items: [first] }) => first?.state === 'failed')
      room.discard(tooLong.clientId)
      expect(room.messages.get().items).toEqual([])
      expect(() => room.send(' \n ')).toThrow(expect.objectContaining({ code: 'message_empty' }))
      expect(() => room.send('half \ud83d')).toThrow(expect.objectContaining({ code: 'message_malformed' }))
    })

    test('opens at the first unread message of many, and loads on both ways without a hole', async () => {
      const roomId = await server().room('ann', 'ben')
      const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
      const texts = Array.from({ length: 160 }, (_, index) => `line ${index + 1}`)
      for (const text of texts) ann.room(roomId).send(text)
      await until(ben.room(roomId).state, (state) => state?.seq === 160)
      const room = ben.room(roomId)
      room.markRead(seq(30))
      await until(ben.room(roomId).state, (state) => state?.me.readSeq === 30)
      room.open()
      const opened = await until(
        room.messages,
        ({ firstUnreadSeq, loading }) => firstUnreadSeq !== null && !loading,
      )
      expect(opened).toMatchObject({ firstUnreadSeq: 31, hasAfter: true })
      while (room.messages.get().hasBefore) await room.loadBefore()
      while (room.messages.get().hasAfter) await room.loadAfter()
      expect(room.messages.get().items.map(({ text }) => text)).toEqual(texts)
    })

    test.each(['as it opens', 'while what it opens at is on its way'])(
      'shows the end with what one wrote into a room of many unread messages %s',
      async (when) => {
        const roomId = await server().room('ann', 'ben')
        const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
        for (let n = 1; n <= 160; n++) ann.room(roomId).send(`line ${n}`)
        const room = ben.room(roomId)
        await until(room.state, (state) => state?.seq === 160)
        room.open()
        if (when !== 'as it opens')
          await until(room.messages, ({ items, loading }) => loading && items.length > 0)
        room.send('an answer')
        await until(room.messages, ({ items, loading, hasAfter }) => {
          const last = items.at(-1)
          return !loading && !hasAfter && last?.state === 'sent' && last.text === 'an answer'
        })
      },
    )

    test('tells of a room that somebody was added to, with its first badge', async () => {
      const ben = await signIn('ben')
      const [ann, before] = await Promise.all([signIn('ann'), badgeOf(ben), signIn('cho')])
      const { id } = await ann.createRoom({
        kind: 'group',
        memberIds: [server().id('ben'), server().id('cho')],
        title: 'New here',
      })
      ann.room(id).send('welcome')
      await until(ben.badge, (badge) => badge?.total === before + 1)
      const { items } = await until(ben.rooms, (rooms) =>
        rooms.items.some((room) => room.id === id && room.me.unread === 1),
      )
      expect(items[0]).toMatchObject({ id, title: 'New here', lastMessage: { text: 'welcome' } })
      await ann.room(id).leave()
      await until(ann.room(id).state, (state) => state === undefined)
    })

    test('leaves a muted room out of the total, and brings the exact number back', async () => {
      const roomId = await server().room('ann', 'eve')
      const [ann, eve] = await Promise.all([signIn('ann'), signIn('eve')])
      const room = eve.room(roomId)
      await room.mute(true)
      await until(room.state, (state) => state?.me.muted === true)
      ann.room(roomId).send('psst')
      await until(room.state, (state) => state?.me.unread === 1)
      expect(eve.badge.get()?.total).toBe(0)
      await room.mute(false)
      await until(eve.badge, (badge) => badge?.total === 1)
      await room.archive(true)
      await until(room.state, (state) => state?.me.archived === true)
      await until(eve.badge, (badge) => badge?.total === 0)
      await eve.markAllRead()
      await until(room.state, (state) => state?.me.unread === 0)
    })

    test('keeps the notification badge and the notification list in agreement, on every device', async () => {
      const [phone, laptop] = await Promise.all([signIn('fay'), signIn('fay')])
      await Promise.all([phone.notifications.load(), laptop.notifications.load()])
      const entry = { userIds: [server().id('fay')], type: 'offer', content: 'come and see', link: '/jobs/1' }
      await server().asHost('POST', '/v1/notifications', { ...entry, title: 'First' })
      await server().asHost('POST', '/v1/notifications', { ...entry, title: 'Second' })
      const { items } = await until(phone.notifications.list, (list) => list.items.length === 2)
      expect(items.map(({ title }) => title)).toEqual(['Second', 'First'])
      await until(phone.badge, (badge) => badge?.notifications === 2)
      await phone.notifications.read([items[1]?.id as NotificationId])
      await until(laptop.badge, (badge) => badge?.notifications === 1)
      await until(
        laptop.notifications.list,
        (list) => list.items.filter(({ readAt }) => readAt === null).length === 1,
      )
      await laptop.notifications.read('all')
      await until(phone.badge, (badge) => badge?.notifications === 0)
      await until(phone.notifications.list, (list) => list.items.every(({ readAt }) => readAt !== null))
    })

    test('leaves an open room out of the badge, and tells the others how far it was read', async () => {
      const roomId = await server().room('ann', 'ben')
      const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
      ann.room(roomId).open()
      ann.room(roomId).send('hello')
      await until(ben.badge, (badge) => badge?.total === 1)
      const benRoom = ben.room(roomId)
      benRoom.open()
      await until(ben.badge, (badge) => badge?.total === 0)
      await until(benRoom.state, (room) => room?.me.unread === 0)
      await until(benRoom.messages, ({ items: [first] }) => first?.state === 'sent')
      benRoom.markRead(seq(1))
      await until(ann.room(roomId).state, (room) => readSeqOf(room, server().id('ben')) === 1)
    })

    test('tells who wrote that a device has it before anybody looks, and shows so when the room is opened later', async () => {
      const roomId = await server().room('ann', 'ben')
      const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
      const room = ann.room(roomId)
      const close = room.open()
      await until(room.messages, ({ loading }) => !loading)
      await ben.stop()
      room.send('hello')
      await until(room.messages, ({ items: [first] }) => first?.state === 'sent')
      expect(memberOf(room.state.get(), server().id('ben'))).toMatchObject({ deliveredSeq: 0, readSeq: 0 })
      ben.start()
      await until(room.state, (state) => memberOf(state, server().id('ben'))?.deliveredSeq === 1)
      expect(memberOf(room.state.get(), server().id('ben'))?.readSeq).toBe(0)
      expect(ben.badge.get()?.total).toBeGreaterThan(0)
      close()
      const later = await signIn('ann')
      later.room(roomId).open()
      await until(
        later.room(roomId).state,
        (state) => memberOf(state, server().id('ben'))?.deliveredSeq === 1,
      )
    })

    test('shows at once who left a room that is open', async () => {
      const roomId = await server().room('ann', 'ben', 'cho')
      const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
      const room = ann.room(roomId)
      const close = room.open()
      await until(room.messages, ({ loading }) => !loading)
      await until(ben.room(roomId).state, (state) => state !== undefined)
      await ben.room(roomId).leave()
      await until(room.state, (state) => memberOf(state, server().id('ben'))?.left === true)
      expect(room.state.get()?.memberCount).toBe(2)
      // And what is said after it comes as ever.
      room.send('gone?')
      await until(room.messages, ({ items: [first] }) => first?.state === 'sent')
      close()
    })

    test('shows in an open room its new title and who came into it, before they say anything', async () => {
      const ann = await signIn('ann')
      const members = [server().id('ann'), server().id('ben')]
      const { id } = (await server().asHost('POST', '/v1/rooms', {
        kind: 'group',
        memberIds: members,
        title: 'Old',
      })) as { id: RoomId }
      const room = ann.room(id)
      const close = room.open()
      await until(room.messages, ({ loading }) => !loading)
      await until(room.state, (state) => state?.title === 'Old')
      await server().asHost('PATCH', `/v1/rooms/${id}`, { title: 'New' })
      await until(room.state, (state) => state?.title === 'New')
      const cho = await signIn('cho')
      await server().asHost('POST', `/v1/rooms/${id}/members`, { userIds: [server().id('cho')] })
      const state = await until(room.state, (shown) => memberOf(shown, server().id('cho'))?.left === false)
      expect(state?.memberCount).toBe(3)
      await until(cho.room(id).state, (shown) => shown?.title === 'New')
      close()
    })

    test('shows in the list, of rooms that nobody opened here, their new titles, metadata and members', async () => {
      const ann = await signIn('ann')
      const members = [server().id('ann'), server().id('ben')]
      const { id } = (await server().asHost('POST', '/v1/rooms', {
        kind: 'group',
        memberIds: members,
        title: 'Old',
      })) as { id: RoomId }
      const shown = ann.room(id).state
      await until(shown, (state) => state?.title === 'Old')
      await server().asHost('PATCH', `/v1/rooms/${id}`, { title: 'New', metadata: { floor: 3 } })
      const renamed = await until(shown, (state) => state?.title === 'New')
      expect(renamed?.metadata).toEqual({ floor: 3 })
      await server().asHost('PATCH', `/v1/rooms/${id}`, { metadata: { floor: 4 } })
      await until(shown, (state) => state?.metadata.floor === 4)
      await signIn('cho')
      await server().asHost('POST', `/v1/rooms/${id}/members`, { userIds: [server().id('cho')] })
      await until(shown, (state) => state?.memberCount === 3)
    })

    test('lets a badge rise again when a room is closed that was never confirmed', async () => {
      const roomId = await server().room('ann', 'ben')
      const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
      const before = await badgeOf(ben)
      ann.room(roomId).send('seen by nobody')
      await until(ben.badge, (badge) => badge?.total === before + 1)
      const close = ben.room(roomId).open()
      await until(ben.badge, (badge) => badge?.total === before)
      close()
      await until(ben.badge, (badge) => badge?.total === before + 1)
      await until(ben.room(roomId).state, (room) => room?.me.unread === 1)
    })

    test('tells who types, and stops telling when they are done', async () => {
      const roomId = await server().room('ann', 'ben')
      const [ann, ben] = await Promise.all([signIn('ann'), signIn('ben')])
      for (const client of [ann, ben]) {
        client.room(roomId).open()
        await until(client.room(roomId).messages, ({ loading }) => !loading)
      }
      ann.room(roomId).setTyping(true)
      await until(ben.room(roomId).state, (state) => state?.typing.includes(server().id('ann')) === true)
      ann.room(roomId).send('done')
      await until(ben.room(roomId).state, (state) => state?.typing.length === 0)
    })

    test('shows how far others read while it was away, and while the room was closed', async () => {
      const roomId = await server().room('ann', 'ben', 'cho')
      const [ann, ben, cho] = await Promise.all([signIn('ann'), signIn('ben'), signIn('cho')])
      const room = ann.room(roomId)
      const readSeq = (name: string) => readSeqOf(room.state.get(), server().id(name))
      ann.room(roomId).send('have you seen this?')
      for (const reader of [ben, cho]) {
        reader.room(roomId).open()
        await until(reader.room(roomId).messages, ({ items: [first] }) => first?.state === 'sent')
      }
      await until(room.state, (state) => state?.seq === 1)
      ben.room(roomId).markRead(seq(1))
      await until(ben.room(roomId).state, (state) => state?.me.readSeq === 1)
      expect(readSeq('ben')).toBe(0)
      const close = room.open()
      await until(room.state, () => readSeq('ben') === 1)

      await ann.stop()
      cho.room(roomId).markRead(seq(1))
      await until(cho.room(roomId).state, (state) => state?.me.readSeq === 1)
      expect(readSeq('cho')).toBe(0)
      ann.start()
      await until(room.state, () => readSeq('cho') === 1)
      close()
    })

    test('shows who is here, to those who were here before and to those who come', async () => {
      const [ann, ben] = [await signIn('ann'), await signIn('ben')]
      const { id } = await ann.createRoom({ kind: 'direct', memberIds: [server().id('ben')] })
      await until(ann.presence(server().id('ben')), ({ online }) => online)
      await until(ben.room(id).state, (state) => state?.online === true)
    })

    test('raises no badge for somebody who is blocked', async () => {
      const roomId = await server().room('gil', 'hal')
      const [gil, hal] = await Promise.all([signIn('gil'), signIn('hal')])
      await hal.block(server().id('gil'))
      gil.room(roomId).send('let me in')
      await until(hal.room(roomId).state, (state) => state?.seq === 1)
      expect(hal.badge.get()?.total).toBe(0)
      await hal.unblock(server().id('gil'))
      await until(hal.badge, (badge) => badge?.total === 1)
    })
  })
}

const seq = (place: number): Seq => place as Seq

async function badgeOf(client: Tally): Promise<number> {
  const badge = await until(client.badge, (value) => value !== null)
  return badge?.total ?? 0
}

function memberOf(room: ReturnType<RoomHandle['state']['get']>, userId: string) {
  return room?.members.find((member) => member.userId === userId)
}

function readSeqOf(room: ReturnType<RoomHandle['state']['get']>, userId: string): number | undefined {
  return memberOf(room, userId)?.readSeq
}
