import {
  type ClientId,
  type Cursor,
  Notification,
  type NotificationId,
  type Seq,
  type UserId,
} from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { archiveNotifications } from '../../src/actions/archive-notifications.ts'
import { createNotification } from '../../src/actions/create-notification.ts'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { explainBadge } from '../../src/actions/explain-badge.ts'
import { listNotifications } from '../../src/actions/list-notifications.ts'
import { listRooms } from '../../src/actions/list-rooms.ts'
import { listUnreadNotifications } from '../../src/actions/list-unread-notifications.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { readNotifications } from '../../src/actions/read-notifications.ts'
import { seeNotifications } from '../../src/actions/see-notifications.ts'
import { upsertUser } from '../../src/actions/upsert-user.ts'
import type { Frame } from '../../src/bus/frames.ts'
import { DATABASES } from '../../test-support/host.ts'
import { refusal, useRooms } from './rooms-world.ts'

const OFFER = { type: 'offer', title: 'An offer', content: 'Come and see us.', link: '/offers/1' }

describe.each(DATABASES)('notifications on %s', (kind) => {
  const world = useRooms(kind)

  test('an entry counts until it is read, apart from the rooms, and is in no list of rooms', async () => {
    const { ctx, person } = world()
    const mina = await person('mina')
    expect(await createNotification(ctx, { ...OFFER, userIds: [mina.userId, mina.userId] })).toEqual({
      created: 1,
    })
    expect(await readBadge(ctx, mina)).toMatchObject({ total: 0, unreadRooms: 0, notifications: 1 })
    const { items, next } = await listNotifications(ctx, mina, { limit: 20 })
    expect(items).toMatchObject([{ ...OFFER, readAt: null }])
    expect(Notification.parse(items[0])).toEqual(items[0])
    expect(next).toBeNull()
    expect((await listRooms(ctx, mina, { limit: 20 })).items).toEqual([])
  })

  test('the badge and the list of unread entries never disagree', async () => {
    const { ctx, person } = world()
    const mina = await person('mina')
    for (let n = 1; n <= 5; n++)
      await createNotification(ctx, { ...OFFER, title: `${n}`, userIds: [mina.userId] })
    const { items } = await listNotifications(ctx, mina, { limit: 20 })
    const idOf = (title: string) => items.find((item) => item.title === title)!.id
    const agree = async (titles: string[]) => {
      const unread = await listUnreadNotifications(ctx, mina, { limit: 50 })
      expect(unread.notifications.map(({ title }) => title)).toEqual(titles)
      expect(unread.count).toBe(titles.length)
      expect(await readBadge(ctx, mina)).toMatchObject({ notifications: titles.length })
      expect(await explainBadge(ctx, { ...mina, limit: 20 })).toMatchObject({ verdict: 'exact' })
    }
    await agree(['5', '4', '3', '2', '1'])
    expect(await readNotifications(ctx, mina, { ids: [idOf('2'), idOf('4'), idOf('2')] })).toEqual({
      read: 2,
    })
    await agree(['5', '3', '1'])
    expect(await readNotifications(ctx, mina, { ids: [idOf('4'), 'nothing' as NotificationId] })).toEqual({
      read: 0,
    })
    await agree(['5', '3', '1'])
    expect(await readNotifications(ctx, mina, { all: true })).toEqual({ read: 3 })
    await agree([])
    const read = await listNotifications(ctx, mina, { limit: 20 })
    expect(read.items.map(({ readAt }) => typeof readAt)).toEqual(Array.from({ length: 5 }, () => 'string'))

    await createNotification(ctx, { ...OFFER, title: '6', userIds: [mina.userId] })
    await agree(['6'])
  })

  test('an account that comes back after its removal has a feed that counts, and nothing of before', async () => {
    const { ctx, person } = world()
    const mina = await person('mina')
    const notify = (title: string) => createNotification(ctx, { ...OFFER, title, userIds: [mina.userId] })
    const welcome = { ...OFFER, title: 'welcome', userIds: [mina.userId], clientId: 'welcome' as ClientId }
    await createNotification(ctx, welcome)
    await notify('before')
    await deleteUser(ctx, mina)
    await expect(notify('to nobody')).rejects.toMatchObject(refusal('user_not_found'))

    await upsertUser(ctx, { userId: mina.userId, name: 'mina again' })
    const listed = async () =>
      (await listNotifications(ctx, mina, { limit: 20 })).items.map(({ title }) => title)
    expect(await listed()).toEqual([])
    expect(await readBadge(ctx, mina)).toMatchObject({ notifications: 0 })

    await notify('after')
    await createNotification(ctx, welcome)
    expect(await readBadge(ctx, mina)).toMatchObject({ notifications: 2 })
    expect(await listUnreadNotifications(ctx, mina, { limit: 20 })).toMatchObject({ count: 2 })
    expect(await listed()).toEqual(['welcome', 'after'])
    expect(await explainBadge(ctx, { ...mina, limit: 20 })).toMatchObject({ verdict: 'exact' })
    expect(await readNotifications(ctx, mina, { all: true })).toEqual({ read: 2 })
    const kept = await ctx.db.query<{ text: string }>({
      name: 'texts-of-a-feed',
      text: "select text from messages where room_id = 'feed:' || $1 order by seq",
      values: [mina.userId],
    })
    expect(kept.map(({ text }) => text)).toEqual(['', '', OFFER.content, OFFER.content])
  })

  test('a repeated call with its clientId makes what is missing, and nothing twice', async () => {
    const { ctx, person } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const clientId = 'offer-1' as ClientId
    const first = { ...OFFER, clientId, userIds: [mina.userId] }
    expect(await createNotification(ctx, first)).toEqual({ created: 1 })
    expect(await createNotification(ctx, { ...first, userIds: [mina.userId, joon.userId] })).toEqual({
      created: 2,
    })
    for (const one of [mina, joon]) expect(await readBadge(ctx, one)).toMatchObject({ notifications: 1 })
    const other = createNotification(ctx, { ...first, title: 'Another offer' })
    await expect(other).rejects.toMatchObject(refusal('client_id_conflict'))
  })

  test('somebody else cannot read them', async () => {
    const { ctx, person } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    await createNotification(ctx, { ...OFFER, userIds: [mina.userId] })
    const { items } = await listNotifications(ctx, mina, { limit: 20 })
    expect(await readNotifications(ctx, joon, { ids: [items[0]!.id] })).toEqual({ read: 0 })
    expect(await readBadge(ctx, mina)).toMatchObject({ notifications: 1 })
  })

  test('pages go back in time, with what is unread or with all, each by its own cursor', async () => {
    const { ctx, person } = world()
    const mina = await person('mina')
    for (let n = 1; n <= 5; n++)
      await createNotification(ctx, { ...OFFER, title: `${n}`, userIds: [mina.userId] })
    const first = await listNotifications(ctx, mina, { limit: 2 })
    await readNotifications(ctx, mina, { ids: [first.items[1]!.id] })
    const titles = async (unread: boolean) => {
      const seen: string[] = []
      let cursor: Cursor | undefined
      do {
        const page = await listNotifications(ctx, mina, { limit: 2, unread, cursor })
        seen.push(...page.items.map(({ title }) => title))
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
      return seen
    }
    expect(await titles(false)).toEqual(['5', '4', '3', '2', '1'])
    expect(await titles(true)).toEqual(['5', '3', '2', '1'])
    await expect(
      listNotifications(ctx, mina, { limit: 2, unread: true, cursor: first.next! }),
    ).rejects.toMatchObject(refusal('invalid_cursor'))
  })

  test('each of many gets it, their devices at once; of somebody unknown nobody does', async () => {
    const { ctx, person } = world()
    const people = [await person('mina'), await person('joon')]
    const frames: Frame[] = []
    const end = ctx.bus.onFrames((sent) => void frames.push(...sent))
    const userIds = people.map(({ userId }) => userId)
    const unknown = { ...OFFER, userIds: [...userIds, 'nobody' as UserId] }
    await expect(createNotification(ctx, unknown)).rejects.toMatchObject(refusal('user_not_found'))
    expect(await createNotification(ctx, { ...OFFER, userIds })).toEqual({ created: 2 })
    end()
    const told = frames.filter((frame) => frame.kind === 'user-event')
    expect(told.map(({ userId }) => userId).sort()).toEqual(userIds.sort())
    expect(told[0]).toMatchObject({
      event: 'notification',
      payload: { ...OFFER, created_at: expect.any(String) },
    })
    for (const caller of people) expect(await readBadge(ctx, caller)).toMatchObject({ notifications: 1 })
  })

  test('seeing the feed reads nothing; it only rises, on all devices, and never beyond what there is', async () => {
    const { ctx, person } = world()
    const mina = await person('mina')
    expect(await seeNotifications(ctx, mina, {})).toEqual({ seenSeq: 0, change: 0, preferencesRev: 0 })
    for (let n = 1; n <= 3; n++)
      await createNotification(ctx, { ...OFFER, title: `${n}`, userIds: [mina.userId] })
    const told: unknown[] = []
    const end = ctx.bus.onFrames((frames) => {
      for (const frame of frames)
        if (frame.kind === 'user-event' && frame.event === 'feed-state') told.push(frame.payload)
    })
    expect(await seeNotifications(ctx, mina, { upToSeq: 2 as Seq })).toMatchObject({ seenSeq: 2 })
    expect(await seeNotifications(ctx, mina, { upToSeq: 1 as Seq })).toMatchObject({ seenSeq: 2 })
    expect(await seeNotifications(ctx, mina, { upToSeq: 2 as Seq })).toMatchObject({ seenSeq: 2 })
    expect(await seeNotifications(ctx, mina, { upToSeq: Number.MAX_SAFE_INTEGER as Seq })).toMatchObject({
      seenSeq: 3,
    })
    end()
    expect(told).toMatchObject([{ seenSeq: 2 }, { seenSeq: 3 }])
    expect(await readBadge(ctx, mina)).toMatchObject({ notifications: 3 })
    const { state, items } = await listNotifications(ctx, mina, { limit: 20 })
    expect(state).toMatchObject({ seenSeq: 3 })
    expect(items.map(({ seq, readAt }) => ({ seq, readAt }))).toEqual([
      { seq: 3, readAt: null },
      { seq: 2, readAt: null },
      { seq: 1, readAt: null },
    ])
  })

  test('what is put away is read, leaves the feed for a list of its own, and can be brought back, read', async () => {
    const { ctx, person } = world()
    const mina = await person('mina')
    for (let n = 1; n <= 4; n++)
      await createNotification(ctx, { ...OFFER, title: `${n}`, userIds: [mina.userId] })
    const { items, state } = await listNotifications(ctx, mina, { limit: 20 })
    const ids = (...titles: string[]) =>
      items.filter(({ title }) => titles.includes(title)).map(({ id }) => id)
    const titles = async (which: { archived?: boolean }) =>
      (await listNotifications(ctx, mina, { limit: 20, ...which })).items.map(({ title }) => title)

    await readNotifications(ctx, mina, { ids: ids('1') })
    expect(await archiveNotifications(ctx, mina, { ids: ids('1', '3'), archived: true })).toEqual({
      archived: 2,
      read: 1,
    })
    expect(await readBadge(ctx, mina)).toMatchObject({ notifications: 2 })
    expect(await explainBadge(ctx, { ...mina, limit: 20 })).toMatchObject({ verdict: 'exact' })
    expect([await titles({}), await titles({ archived: true })]).toEqual([
      ['4', '2'],
      ['3', '1'],
    ])
    expect(await archiveNotifications(ctx, mina, { ids: ids('1', '3'), archived: true })).toEqual({
      archived: 0,
      read: 0,
    })
    expect(await archiveNotifications(ctx, mina, { ids: ids('3', '4'), archived: false })).toEqual({
      archived: 1,
      read: 0,
    })
    expect(await titles({})).toEqual(['4', '3', '2'])
    expect(await archiveNotifications(ctx, mina, { allRead: true })).toEqual({ archived: 1, read: 0 })
    expect([await titles({}), await titles({ archived: true })]).toEqual([
      ['4', '2'],
      ['3', '1'],
    ])
    expect(await readBadge(ctx, mina)).toMatchObject({ notifications: 2 })
    const now = await listNotifications(ctx, mina, { limit: 20, archived: true })
    expect(now.state.change).toBeGreaterThan(state.change)
    expect(now.items.map(({ readAt, archivedAt }) => [typeof readAt, typeof archivedAt])).toEqual([
      ['string', 'string'],
      ['string', 'string'],
    ])
  })

  test('thousands are put away in parts, all of them', async () => {
    const { ctx, person } = world()
    const mina = await person('mina')
    await createNotification(ctx, { ...OFFER, userIds: [mina.userId] })
    const { items: first } = await listNotifications(ctx, mina, { limit: 20 })
    await readNotifications(ctx, mina, { ids: first.map(({ id }) => id) })
    await ctx.db.query({
      name: '',
      text: `
        with given as (
          insert into messages (room_id, seq, id, tally, change, type, text, counted, created_at, settled_alone_at)
          select m.room_id, n, m.room_id || '/many/' || n, m.tally, m.change + n, m.type, m.text, false, m.created_at,
            clock_timestamp()
          from messages m, generate_series(2, 2500) n where m.room_id = $1 and m.seq = 1
        )
        update rooms set seq = 2500, change = change + 2500 where id = $1`,
      values: [`feed:${mina.userId}`],
    })
    const before = await listNotifications(ctx, mina, { limit: 20 })
    expect(await archiveNotifications(ctx, mina, { allRead: true })).toEqual({ archived: 2_500, read: 0 })
    const { items, state } = await listNotifications(ctx, mina, { limit: 20 })
    expect(items).toEqual([])
    expect(state.change - before.state.change).toBe(3)
    expect(await readBadge(ctx, mina)).toMatchObject({ notifications: 0 })
  })

  test('somebody else can neither put them away nor see them', async () => {
    const { ctx, person } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    await createNotification(ctx, { ...OFFER, userIds: [mina.userId] })
    const { items } = await listNotifications(ctx, mina, { limit: 20 })
    const ids = items.map(({ id }) => id)
    expect(await archiveNotifications(ctx, joon, { ids, archived: true })).toEqual({ archived: 0, read: 0 })
    await seeNotifications(ctx, joon, {})
    expect(await listNotifications(ctx, mina, { limit: 20 })).toMatchObject({
      items: [{ archivedAt: null, readAt: null }],
      state: { seenSeq: 0 },
    })
  })
})
