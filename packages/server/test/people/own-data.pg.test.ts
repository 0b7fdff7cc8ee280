import { describe, expect, test } from 'vitest'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)("one's own data, on %s", (kind) => {
  const tally = useTally(kind)

  test('all of it comes as one document, and nothing of anybody else', async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const roomId = await tally().room(kim, lee)
    await tally().send(kim, roomId, 'mine "quoted" \u2028 한글')
    await tally().send(lee, roomId, 'not mine')
    await tally().send(kim, roomId, 'taken back')
    await tally().ask('DELETE', `/v1/rooms/${roomId}/messages/3`, { as: kim })
    await tally().post(`/v1/rooms/${roomId}/reactions`, { as: kim, body: { seq: 2, emoji: '👍', on: true } })
    await tally().ask('PUT', '/v1/blocks', { as: kim, body: { userId: lee, blocked: true } })
    await tally().post('/v1/reports', { as: kim, body: { roomId, seq: 2, reason: 'spam' } })
    const notice = { userIds: [kim], type: 'offer', title: 'An offer', content: 'for you' }
    await tally().post('/v1/notifications', { server: true, body: notice })
    await tally().post('/v1/attachments', { as: kim, body: { roomId, name: 'cv.pdf', bytes: 10 } })
    await tally().ask('PUT', '/v1/devices/browser-1', { as: kim, body: { name: 'Kim’s phone' } })
    const { rev: _, knownTypes: __, ...choices } = (await tally().get('/v1/preferences', { as: kim })).body
    const preferences = { ...choices, messages: { push: false } }
    await tally().ask('PUT', '/v1/preferences', { as: kim, body: { ...preferences, rev: 0 } })
    await tally().post('/v1/notifications/seen', { as: kim, body: {} })
    await tally().post('/v1/notifications/read', { as: kim, body: { all: true } })
    await tally().post('/v1/notifications/archive', { as: kim, body: { allRead: true } })
    // What was said in a room one left is still one's own.
    await tally().ask('DELETE', `/v1/rooms/${roomId}/members/me`, { as: kim })

    const mine = await tally().get('/v1/users/me/export', { as: kim })
    expect(mine.status).toBe(200)
    expect(mine.headers.get('content-disposition')).toContain('attachment')
    expect(mine.body).toEqual({
      user: expect.objectContaining({ id: kim }),
      rooms: [expect.objectContaining({ id: roomId, kind: 'group', leftAt: expect.any(String) })],
      messages: [expect.objectContaining({ roomId, seq: 1, text: 'mine "quoted" \u2028 한글' })],
      notifications: [
        expect.objectContaining({
          type: 'offer',
          content: 'for you',
          title: 'An offer',
          readAt: expect.any(String),
          archivedAt: expect.any(String),
        }),
      ],
      reactions: [expect.objectContaining({ roomId, seq: 2, emoji: '👍' })],
      blocks: [expect.objectContaining({ userId: lee })],
      files: [expect.objectContaining({ name: 'cv.pdf', bytes: 10 })],
      devices: [expect.objectContaining({ id: 'browser-1', name: 'Kim’s phone' })],
      preferences,
      feedSeenSeq: 1,
      reports: [expect.objectContaining({ roomId, seq: 2, reason: 'spam' })],
    })
    const theirs = await tally().get(`/v1/users/${kim}/export`, { server: true })
    expect(theirs.body).toEqual(mine.body)
  })

  test("nobody else's, and not without a limit", async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    await tally().badge(kim)
    expect((await tally().get(`/v1/users/${kim}/export`, { as: lee })).status).toBe(401)
    expect((await tally().get('/v1/users/me/export', { server: true })).status).toBe(401)
    expect((await tally().get('/v1/users/me/export')).status).toBe(401)
    const nobody = await tally().get('/v1/users/no-such-person/export', { server: true })
    expect(nobody).toMatchObject({ status: 404, body: { error: { code: 'user_not_found' } } })
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => tally().get('/v1/users/me/export', { as: kim })),
    )
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
  })

  test('who deletes the account is gone for everybody, and signed out', async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const roomId = await tally().room(kim, lee)
    await tally().send(kim, roomId, 'stays')
    await tally().post('/v1/attachments', { as: kim, body: { roomId, name: 'cv.pdf', bytes: 10 } })
    await tally().ask('PUT', '/v1/devices/browser-1', { as: kim, body: {} })
    const { knownTypes: _, ...preferences } = (await tally().get('/v1/preferences', { as: kim })).body
    await tally().ask('PUT', '/v1/preferences', { as: kim, body: preferences })
    const socket = await tally().signIn(kim)
    expect((await tally().ask('DELETE', '/v1/users/me', { as: kim })).body).toEqual({ ok: true })
    await socket.next('force-disconnect')
    expect((await tally().get('/v1/badge', { as: kim })).status).toBe(401)
    const { items } = (await tally().get(`/v1/rooms/${roomId}/messages`, { as: lee })).body
    expect(items[0]).toMatchObject({ text: 'stays', senderId: null })
    expect((await tally().get(`/v1/users/${kim}/export`, { server: true })).status).toBe(404)
    const files = await tally().ctx.db.query({
      name: 'files-of-the-deleted',
      text: 'select uploader_id, doomed_at is null as is_kept from attachments where room_id = $1',
      values: [roomId],
    })
    expect(files).toEqual([{ uploader_id: null, is_kept: false }])
    const left = await tally().ctx.db.query({
      name: 'what-is-left-of-the-deleted',
      text: `
        select user_id from devices where user_id = $1
        union all select user_id from sign_ins where user_id = $1
        union all select user_id from person_settings where user_id = $1`,
      values: [kim],
    })
    expect(left).toEqual([])
  })

  test('the host deletes nobody by the name of "me"', async () => {
    expect((await tally().ask('DELETE', '/v1/users/me', { server: true })).status).toBe(401)
  })
})
