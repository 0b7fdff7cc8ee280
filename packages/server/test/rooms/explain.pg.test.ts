import { type Cursor, Explanation, type UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { archiveRoom } from '../../src/actions/archive-room.ts'
import { blockUser } from '../../src/actions/block-user.ts'
import { createNotification } from '../../src/actions/create-notification.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { explainBadge } from '../../src/actions/explain-badge.ts'
import { markUnread } from '../../src/actions/mark-unread.ts'
import { muteRoom } from '../../src/actions/mute-room.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { limitConcurrency } from '../../src/store/limit-concurrency.ts'
import { DATABASES } from '../../test-support/host.ts'
import { refusal, useRooms } from './rooms-world.ts'

describe.each(DATABASES)('explaining a badge on %s', (kind) => {
  // One of the tests makes a count wrong, which somebody may notice.
  const world = useRooms(kind, {}, { expectedErrors: ['a count in the database was wrong'] })

  test('says room by room what it is made of, and that it is exact', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon, sora] = [await person('mina'), await person('joon'), await person('sora')]
    const counted = await group(mina, joon, sora)
    const muted = await group(mina, joon)
    const archived = await group(mina, joon)
    const left = await group(mina, joon)
    const open = await group(mina, joon)
    for (const roomId of [counted, muted, archived, left, open]) await send(joon, roomId, 'one')
    await send(sora, counted, 'from somebody blocked')
    await send(mina, counted, 'own')
    await send(joon, counted, 'deleted')
    await send(joon, counted, 'two')
    await deleteMessage(ctx, joon, { roomId: counted, seq: 4 })
    await blockUser(ctx, mina, sora)
    await muteRoom(ctx, mina, { roomId: muted, muted: true })
    await archiveRoom(ctx, mina, { roomId: archived, archived: true })
    await removeMember(ctx, mina, { roomId: left, userId: mina.userId })
    const lease = { kind: 'open', deviceId: 'socket:1', roomId: open, readEpoch: 0, ttlMs: 30_000 } as const
    await ctx.warmer.ensure([mina.userId])
    await ctx.ledger.apply([{ userId: mina.userId, leases: [lease] }])
    await createNotification(ctx, { userIds: [mina.userId], type: 'offer', title: 'An offer', content: '' })

    const explanation = await explainBadge(ctx, { userId: mina.userId, limit: 100 })
    expect(Explanation.parse(explanation)).toEqual(explanation)
    expect(explanation).toMatchObject({ userId: mina.userId, verdict: 'exact', next: null })
    expect(explanation.badge).toMatchObject({ total: 2, unreadRooms: 1, notifications: 1 })
    expect(explanation.notifications).toMatchObject({ tally: 1, unread: 1, recount: 1, ledgerShown: 1 })
    const room = (roomId: string) => explanation.rooms.find((explained) => explained.roomId === roomId)
    expect(room(counted)).toMatchObject({
      tally: 5,
      settled: 3,
      unread: 2,
      recount: 2,
      shown: 2,
      ledgerShown: 2,
    })
    expect(room(muted)).toMatchObject({ unread: 1, shown: 1, muted: true, verdict: 'exact' })
    expect(room(archived)).toMatchObject({ unread: 1, shown: 1, archived: true, verdict: 'exact' })
    expect(room(left)).toMatchObject({ unread: 1, recount: 1, shown: 0, left: true, verdict: 'exact' })
    expect(room(open)).toMatchObject({ unread: 1, shown: 0, ledgerShown: 0, open: true, verdict: 'exact' })
  })

  test('finds a register that was changed by hand, and says which', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const [right, wrong] = [await group(mina, joon), await group(mina, joon)]
    for (const roomId of [right, wrong]) await send(joon, roomId, 'hi')
    await drift(ctx.db, wrong, mina.userId)
    await ctx.ledger.drop([mina.userId])

    const explanation = await explainBadge(ctx, { userId: mina.userId, limit: 100 })
    expect(explanation.verdict).toBe('database_differs')
    const verdicts = new Map(explanation.rooms.map(({ roomId, verdict }) => [roomId, verdict]))
    expect(verdicts).toEqual(
      new Map([
        [right, 'exact'],
        [wrong, 'database_differs'],
      ]),
    )
    expect(explanation.rooms.find(({ roomId }) => roomId === wrong)).toMatchObject({ unread: 0, recount: 1 })
    expect(explanation.badge.total).toBe(1)
  })

  test('finds a ledger that says otherwise, and warming puts it right', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const roomId = await group(mina, joon)
    await send(joon, roomId, 'hi')
    await readBadge(ctx, mina)
    const flags = { left: false, muted: false, archivedAtTally: null }
    const member = { kind: 'room', settled: 1, version: 1_000, flags } as const
    await ctx.ledger.apply([{ userId: mina.userId, rooms: [{ roomId, member }] }])

    const explain = () => explainBadge(ctx, { userId: mina.userId, limit: 100 })
    expect(await explain()).toMatchObject({
      verdict: 'ledger_differs',
      badge: { total: 0 },
      rooms: [{ unread: 1, recount: 1, shown: 1, ledgerShown: 0, verdict: 'ledger_differs' }],
    })
    await ctx.ledger.drop([mina.userId])
    expect(await explain()).toMatchObject({ verdict: 'exact', badge: { total: 1 } })
  })

  test('is exact after marking unread, and page by page', async () => {
    const { ctx, person, group, send } = world()
    const [mina, joon] = [await person('mina'), await person('joon')]
    const rooms = [await group(mina, joon), await group(mina, joon), await group(mina, joon)]
    for (const roomId of rooms) for (let n = 0; n < 3; n++) await send(joon, roomId, `hi ${n}`)
    await markUnread(ctx, mina, { roomId: rooms[1]!, fromSeq: 3 })
    const seen: [string, number][] = []
    let cursor: Cursor | undefined
    do {
      const page = await explainBadge(ctx, { userId: mina.userId, limit: 2, cursor })
      expect(page).toMatchObject({ verdict: 'exact', badge: { total: 7 } })
      seen.push(...page.rooms.map(({ roomId, shown }): [string, number] => [roomId, shown]))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(new Map(seen)).toEqual(new Map(rooms.map((roomId, index) => [roomId, index === 1 ? 1 : 3])))
  })

  test('of somebody nobody knows there is nothing to explain', async () => {
    const { ctx } = world()
    await expect(explainBadge(ctx, { userId: 'nobody' as UserId, limit: 20 })).rejects.toMatchObject(
      refusal('user_not_found'),
    )
  })

  test('takes its turn with the pages of history: who asks for many holds nobody else up', async () => {
    const { ctx, person } = world()
    const mina = await person('mina')
    const pages = limitConcurrency(1, { maxWaiting: 0 })
    const explain = () => explainBadge({ ...ctx, pages }, { userId: mina.userId, limit: 100 })
    const { promise: pageIsRead, resolve: finishPage } = Promise.withResolvers<void>()
    const page = pages(() => pageIsRead)
    await expect(explain()).rejects.toMatchObject(refusal('overloaded'))
    finishPage()
    await page
    expect(await explain()).toMatchObject({ verdict: 'exact' })
  })
})

/** Breaks one register, as nothing of the product ever does. */
async function drift(
  db: ReturnType<ReturnType<typeof useRooms>>['ctx']['db'],
  roomId: string,
  userId: UserId,
): Promise<void> {
  await db.query({
    name: '',
    text: 'update members set settled = settled + 1, version = version + 1 where room_id = $1 and user_id = $2',
    values: [roomId, userId],
  })
}
