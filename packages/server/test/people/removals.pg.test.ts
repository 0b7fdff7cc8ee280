import type { UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { createNotification } from '../../src/actions/create-notification.ts'
import { createShares } from '../../src/actions/database-shares.ts'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { putDevice } from '../../src/actions/devices.ts'
import { finishInterrupted } from '../../src/actions/finish-interrupted.ts'
import { revokeSessions } from '../../src/actions/revoke-sessions.ts'
import type { SignIn } from '../../src/core/sign-in.ts'
import type { Database } from '../../src/store/open-database.ts'
import { fromNth, holdStatements } from '../../test-support/held-database.ts'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

const refusal = (code: string) => expect.objectContaining({ name: 'RequestError', code })

describe.each(DATABASES)('the removal of an account, on %s', (kind) => {
  const tally = useTally(kind)

  /** Another node's: with a line of its own for what people change. */
  const nodeOn = (db: Database) => ({ ...tally().ctx, db, ...createShares(db, { databaseConnections: 10 }) })
  const put = (userId: UserId, name: string) =>
    tally().ask('PUT', `/v1/users/${userId}`, { server: true, body: { name } })
  const texts = (userId: UserId) =>
    tally().ctx.db.query<{ text: string; data: unknown }>({
      name: '',
      text: `select x.text, x.data from messages x where x.room_id = 'feed:' || $1`,
      values: [userId],
    })

  async function somebodyWithRooms(): Promise<UserId> {
    const ann = somebody('ann') as UserId
    await put(ann, 'Ann')
    for (const other of ['bob', 'cleo']) await tally().room(ann, somebody(other))
    return ann
  }

  /** The account is back, as somebody new: with a name and a room. */
  async function comeBack(ann: UserId): Promise<string> {
    expect((await put(ann, 'Ann anew')).body).toMatchObject({ name: 'Ann anew' })
    return tally().room(ann, somebody('dan'))
  }

  async function expectBack(ann: UserId, roomId: string): Promise<void> {
    const { items } = (await tally().get(`/v1/rooms/${roomId}/members`, { server: true })).body
    expect(items).toContainEqual(
      expect.objectContaining({ userId: ann, name: expect.any(String), left: false }),
    )
  }

  test('that another node goes on with, too late, takes nothing of who came back', async () => {
    const ann = await somebodyWithRooms()
    const first = holdStatements(tally().ctx.db, fromNth(2, 'remove_account'))
    const removing = deleteUser(nodeOn(first.db), { userId: ann })
    await first.reached
    const other = holdStatements(tally().ctx.db, fromNth(1, 'remove_account'))
    const finishing = finishInterrupted(nodeOn(other.db))
    await other.reached

    first.open()
    await removing
    const roomId = await comeBack(ann)
    other.open()
    await finishing
    await expectBack(ann, roomId)
  })

  test('that the host asks for twice takes nothing of who came back after the first', async () => {
    const ann = await somebodyWithRooms()
    const twice = [2, 2].map((n) => holdStatements(tally().ctx.db, fromNth(n, 'remove_account')))
    const removals = twice.map(({ db }) => deleteUser(nodeOn(db), { userId: ann }))
    for (const { reached } of twice) await reached
    twice[0]?.open()
    await removals[0]
    const roomId = await comeBack(ann)
    twice[1]?.open()
    await removals[1]
    await expectBack(ann, roomId)
  })

  test('ends no session that began after it, however late word of it comes', async () => {
    const ann = await somebodyWithRooms()
    const held = holdStatements(tally().ctx.db, fromNth(1, 'remove_account'), { after: true })
    const removing = deleteUser(nodeOn(held.db), { userId: ann })
    await held.reached
    await finishInterrupted(tally().ctx)
    const roomId = await comeBack(ann)
    const device = await tally().connect()
    // Issued a second later than now: a token names its second only, and the removal happened within one.
    const token = await tally().token(ann, { issuedSecondsAgo: -1 })
    expect(await device.call('authenticate', token)).toMatchObject({ ok: true })
    held.open()
    await removing
    await device.settled()
    expect(device.all('force-disconnect')).toEqual([])
    await expectBack(ann, roomId)
  })

  test('ends the sessions that began while it was under way, though the account comes back', async () => {
    const ann = await somebodyWithRooms()
    const held = holdStatements(tally().ctx.db, fromNth(2, 'remove_account'))
    const removing = deleteUser(nodeOn(held.db), { userId: ann })
    await held.reached
    const device = await tally().connect()
    // Good from this moment on: nothing is issued later than now.
    const token = await tally().token(ann, { issuedSecondsAgo: -1 })
    expect(await device.call('authenticate', token)).toMatchObject({ ok: true })
    held.open()
    await removing
    expect(await device.next('force-disconnect')).toEqual({ reason: 'account_deleted' })
  })

  test('leaves nothing of a notification that was on its way', async () => {
    const ann = await somebodyWithRooms()
    const held = holdStatements(tally().ctx.db, (text) => text.includes('join person_settings'))
    const notified = createNotification(
      { ...tally().ctx, db: held.db },
      { userIds: [ann], type: 'offer', title: 'Interview', content: 'Dear Ann' },
    )
    await held.reached
    await deleteUser(tally().ctx, { userId: ann })
    held.open()
    expect(await notified).toEqual({ created: 0 })
    expect(await texts(ann)).toEqual([])
  })
})

describe.each(DATABASES)('nodes of the version before, on %s', (kind) => {
  const tally = useTally(kind)

  async function call<R>(text: string, values: unknown[]): Promise<R | undefined> {
    return (await tally().ctx.db.query<{ answer: R }>({ name: '', text, values }))[0]?.answer
  }

  const step = (userId: UserId, { after = '', rooms = 50 } = {}) =>
    call<{ more: boolean; afterRoomId: string | null }>(
      'select remove_account($1, $2, $3, 50000) as answer',
      [userId, after, rooms],
    )

  test('remove an account as they did, and nobody who came back', async () => {
    const ann = somebody('ann') as UserId
    const roomId = await tally().room(ann, somebody('bob'))
    expect(await step(ann)).toMatchObject({ more: false })
    expect(await tally().badge(ann)).toMatchObject({ total: 0 })
    expect(await step(ann, { rooms: 0 })).toMatchObject({ more: true })
    let last = await step(ann)
    for (let steps = 0; last?.more === true && steps < 9; steps += 1) {
      last = await step(ann, { after: last.afterRoomId ?? '' })
    }
    expect(last).toMatchObject({ more: false })
    const members = async () => {
      const { items } = (await tally().get(`/v1/rooms/${roomId}/members`, { server: true })).body
      return items.flatMap(({ userId, left }: { userId: string; left: boolean }) => (left ? [] : [userId]))
    }
    expect(await members()).not.toContain(ann)
    await tally().ask('PUT', `/v1/users/${ann}`, { server: true, body: { name: 'Ann anew' } })
    await tally().ask('POST', `/v1/rooms/${roomId}/members`, { server: true, body: { userIds: [ann] } })
    expect(await step(ann)).toMatchObject({ more: false })
    expect(await members()).toContain(ann)
  })

  test('sign in devices as they did', async () => {
    const ann = somebody('ann') as UserId
    await tally().room(ann, somebody('bob'))
    const values = [ann, 'phone-0001', 'a sign-in', 'phone', null, null, null, 10, 10]
    const text = 'select put_device($1, $2, $3, $4, $5, $6, $7, $8, $9) as answer'
    expect(await call(text, values)).toEqual({ ended: [] })
  })
})

describe.each(DATABASES)('the end of all sessions, on %s', (kind) => {
  const tally = useTally(kind)

  test('signs in no device by a token from before it', async () => {
    const { ctx } = tally()
    const ann = somebody('ann') as UserId
    const caller = { userId: ann, signIn: 'a sign-in' as SignIn, issuedAtMs: Date.now() }
    await revokeSessions(ctx, { userId: ann })
    const device = { id: 'phone-0001' as never, kind: 'phone', name: null, browser: null, os: null } as const
    await expect(putDevice(ctx, caller, device)).rejects.toEqual(refusal('session_revoked'))
    const later = { ...caller, issuedAtMs: Date.now() + 1 }
    expect(await putDevice(ctx, later, device)).toMatchObject({ id: 'phone-0001', current: true })
  })
})
