import { randomUUID } from 'node:crypto'
import type { UserId } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { DevicesSeen } from '../../src/actions/devices-seen.ts'
import { forgetOldSignIns } from '../../src/actions/forget-old-sign-ins.ts'
import { revokeSessions } from '../../src/actions/revoke-sessions.ts'
import { readDevices, touchDevicesSeen } from '../../src/store/devices.ts'
import { DATABASES, somebody, tokenOf } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1'
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'

/** A token of its own at each sign-in, as hosts give them. */
const signInAs = (userId: string, session?: string) =>
  tokenOf(userId, { jti: randomUUID(), ...(session === undefined ? {} : { sid: session }) })

describe.each(DATABASES)('devices, on %s', (kind) => {
  const tally = useTally(kind, { TALLY_DEVICES_PER_USER: '3' })
  const put = (token: string, id: string, { agent = CHROME, body = {} as object } = {}) =>
    tally().ask('PUT', `/v1/devices/${id}`, { token, body, headers: { 'user-agent': agent } })
  const list = async (token: string) => (await tally().get('/v1/devices', { token })).body.items
  const forget = (token: string, id: string) => tally().ask('DELETE', `/v1/devices/${id}`, { token })

  test('are listed by what they are, the one that asks marked, and only to the person', async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const [phone, computer] = [await signInAs(kim), await signInAs(kim)]
    const put1 = await put(phone, 'phone-0001', { agent: SAFARI, body: { name: '김의 전화' } })
    expect(put1).toMatchObject({ status: 200, body: { id: 'phone-0001', current: true } })
    await put(computer, 'computer-1')
    const shown = await list(computer)
    expect(shown.map(({ id }: { id: string }) => id).sort()).toEqual(['computer-1', 'phone-0001'])
    expect(shown).toContainEqual(
      expect.objectContaining({
        kind: 'phone',
        name: '김의 전화',
        browser: 'Safari',
        os: 'iOS',
        current: false,
      }),
    )
    expect(shown).toContainEqual(
      expect.objectContaining({
        kind: 'computer',
        name: null,
        browser: 'Chrome',
        os: 'Windows',
        current: true,
      }),
    )
    expect(await list(await signInAs(lee))).toEqual([])
  })

  test('one that is signed out ends at once: its sockets, its polls, its requests; the others go on', async () => {
    const kim = somebody('kim')
    const [phone, computer] = [await signInAs(kim), await signInAs(kim)]
    await put(phone, 'phone-0001')
    await put(computer, 'computer-1')
    const [onPhone, onComputer] = [await tally().connect(), await tally().connect()]
    expect(await onPhone.call('authenticate', phone)).toMatchObject({ ok: true })
    expect(await onComputer.call('authenticate', computer)).toMatchObject({ ok: true })
    const notice = { userIds: [kim], type: 'offer', title: 'still here' }
    await tally().post('/v1/notifications', { server: true, body: notice })
    const { rev } = (await tally().get('/v1/sync', { token: phone })).body
    const waits = vi.spyOn(tally().ctx.devices, 'waitForChange')
    const polls = [phone, computer].map((token) => tally().get(`/v1/sync?since=${rev}&wait=20`, { token }))
    await vi.waitUntil(() => waits.mock.calls.length === 2, { timeout: 15_000 })
    waits.mockRestore()

    expect((await forget(computer, 'phone-0001')).body).toEqual({ ok: true })
    expect(await onPhone.next('force-disconnect')).toEqual({ reason: 'session_revoked' })
    expect(await polls[0]).toMatchObject({ status: 401, body: { error: { code: 'session_revoked' } } })
    expect((await tally().get('/v1/badge', { token: phone })).body.error.code).toBe('session_revoked')
    expect((await put(phone, 'phone-0001')).status).toBe(401)
    const again = await tally().connect()
    expect(await again.call('authenticate', phone)).toMatchObject({
      ok: false,
      error: { code: 'session_revoked' },
    })

    await onComputer.settled()
    await tally().post('/v1/notifications', { server: true, body: notice })
    expect(await polls[1]).toMatchObject({ status: 200, body: { badge: { notifications: 2 } } })
    expect((await list(computer)).map(({ id }: { id: string }) => id)).toEqual(['computer-1'])
    // A new sign-in on the same device is another one.
    const anew = await signInAs(kim)
    expect((await put(anew, 'phone-0001')).status).toBe(200)
  })

  test.each(['that said where it is', 'of which nobody ever said where it is'])(
    'a caller %s signs out: the own token is refused at once, that of another tab goes on',
    async (which) => {
      const kim = somebody('kim')
      const [tab, otherTab] = [await signInAs(kim), await signInAs(kim)]
      await put(otherTab, 'browser-1')
      if (which === 'that said where it is') await put(tab, 'browser-1')
      const [here, there] = [await tally().connect(), await tally().connect()]
      expect(await here.call('authenticate', tab)).toMatchObject({ ok: true })
      expect(await there.call('authenticate', otherTab)).toMatchObject({ ok: true })

      expect((await forget(tab, 'current')).body).toEqual({ ok: true })
      expect(await here.next('force-disconnect')).toEqual({ reason: 'session_revoked' })
      const refused = { status: 401, body: { error: { code: 'session_revoked' } } }
      expect(await tally().get('/v1/badge', { token: tab })).toMatchObject(refused)
      expect(await put(tab, 'browser-1')).toMatchObject(refused)
      await there.settled()
      expect(there.all('force-disconnect')).toEqual([])
      expect(await list(otherTab)).toMatchObject([{ id: 'browser-1', current: true }])
      await forget(otherTab, 'current')
      expect(await list(await signInAs(kim))).toEqual([])
    },
  )

  test('one that nobody is signed in on any more is forgotten', async () => {
    const kim = somebody('kim')
    const [token, other] = [await signInAs(kim), await signInAs(kim)]
    await put(token, 'before-01')
    await put(other, 'other-001')
    await put(token, 'after-001')
    const { ctx } = tally()
    const ids = async () => (await readDevices(ctx.db, kim as UserId)).map(({ id }) => id).sort()
    expect(await ids()).toEqual(['after-001', 'other-001'])
    await revokeSessions(ctx, { userId: kim as UserId })
    expect(await ids()).toEqual([])
  })

  test('one that was not seen for longer than a token lasts is forgotten, the others stay', async () => {
    const kim = somebody('kim')
    const [token, old] = [await signInAs(kim), await signInAs(kim)]
    await put(token, 'computer-1')
    await put(old, 'phone-0001')
    const { ctx } = tally()
    const seenDaysAgo = (days: number) =>
      ctx.db.query({
        name: '',
        text: `update devices set last_seen_at = clock_timestamp() - $2 * interval '1 day' where user_id = $1 and id = 'phone-0001'`,
        values: [kim, days],
      })
    await seenDaysAgo(30)
    await forgetOldSignIns(ctx, { tokenMaxAgeDays: 30 })
    expect(await list(token)).toHaveLength(2)
    await seenDaysAgo(32)
    await forgetOldSignIns(ctx, { tokenMaxAgeDays: 30 })
    expect(await list(token)).toMatchObject([{ id: 'computer-1' }])
    expect((await put(old, 'phone-0001')).status).toBe(200)
  })

  test('what it had open counts again at once', async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const roomId = await tally().room(kim, lee)
    const [phone, computer] = [await signInAs(kim), await signInAs(kim)]
    await put(phone, 'phone-0001')
    const device = await tally().connect()
    await device.call('authenticate', phone)
    await device.call('join-room', { roomId, read: false })
    await tally().send(lee, roomId, 'hello')
    expect((await tally().get('/v1/badge', { token: computer })).body.total).toBe(0)
    await forget(computer, 'phone-0001')
    await device.next('force-disconnect')
    await expect
      .poll(async () => (await tally().get('/v1/badge', { token: computer })).body.total, { timeout: 10_000 })
      .toBe(1)
  })

  test('a host that names its sessions: every token of the session ends, also those not seen yet', async () => {
    const kim = somebody('kim')
    const session = randomUUID()
    const [first, refreshed] = [await signInAs(kim, session), await signInAs(kim, session)]
    const computer = await signInAs(kim)
    await put(first, 'phone-0001')
    await forget(computer, 'phone-0001')
    for (const token of [first, refreshed, await signInAs(kim, session)]) {
      expect((await tally().get('/v1/badge', { token })).body.error?.code).toBe('session_revoked')
    }
    // Somebody else's session of the same name is not this one.
    expect((await tally().get('/v1/badge', { token: await signInAs(somebody('lee'), session) })).status).toBe(
      200,
    )
  })

  test('one too many signs out the one that was not seen for longest', async () => {
    const kim = somebody('kim')
    const tokens = await Promise.all(Array.from({ length: 4 }, () => signInAs(kim)))
    for (const [index, token] of tokens.entries())
      expect((await put(token, `device-${index}0`)).status).toBe(200)
    const [oldest = '', ...others] = tokens
    expect((await tally().get('/v1/badge', { token: oldest })).body.error?.code).toBe('session_revoked')
    for (const token of others) expect(await list(token)).toHaveLength(3)
  })

  test('when it was seen is written by the hour and for many at once, never on the way of a connection', async () => {
    const kim = somebody('kim')
    const token = await signInAs(kim)
    await put(token, 'phone-0001')
    const { ctx } = tally()
    const lastSeen = async () => (await list(token))[0].lastSeenAt
    await ctx.devicesSeen.flush()
    const before = await lastSeen()
    await ctx.db.query({
      name: 'seen-long-ago',
      text: `update devices set last_seen_at = last_seen_at - interval '3 hours' where user_id = $1`,
      values: [kim],
    })
    // Within the hour this server noted it already.
    await tally().get('/v1/badge', { token })
    await ctx.devicesSeen.flush()
    expect((await lastSeen()) < before).toBe(true)
    const late = new DevicesSeen({
      connected: ctx.devices,
      write: (seen) => touchDevicesSeen(ctx.db, seen),
      nowMs: () => performance.now(),
    })
    const socket = await tally().connect()
    await socket.call('authenticate', token)
    await late.flush()
    expect((await lastSeen()) >= before).toBe(true)
  })

  test.each(['short', 'x'.repeat(65), 'with blank 1', '%2e%2e%2f%2e%2e'])(
    '%j names no device',
    async (id) => {
      const token = await signInAs(somebody('kim'))
      expect((await put(token, encodeURIComponent(id))).status).toBe(400)
      expect((await forget(token, encodeURIComponent(id))).status).toBe(400)
    },
  )

  test('whatever a user agent says is text, and no longer than it has to be', async () => {
    const token = await signInAs(somebody('kim'))
    for (const agent of ['<script>alert(1)</script>', 'x'.repeat(5_000), 'Mozilla/5.0 (((((((((((((((((((']) {
      const { status, body } = await put(token, 'phone-0001', { agent })
      expect(status).toBe(200)
      expect(String(body.browser).length + String(body.os).length).toBeLessThan(140)
    }
    const named = await put(token, 'phone-0001', { body: { name: 'two\nlines' } })
    expect(named).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
  })

  test('one that is not there, and one of somebody else, change nothing', async () => {
    const [kim, lee] = [await signInAs(somebody('kim')), await signInAs(somebody('lee'))]
    await put(kim, 'phone-0001')
    expect((await forget(lee, 'phone-0001')).status).toBe(200)
    expect((await forget(kim, 'nothing-here')).status).toBe(200)
    expect(await list(kim)).toHaveLength(1)
    expect((await tally().get('/v1/devices')).status).toBe(401)
  })
})
