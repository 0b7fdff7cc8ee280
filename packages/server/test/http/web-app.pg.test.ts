import { describe, expect, test } from 'vitest'
import { DATABASES, somebody, tokenOf } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('the installed web app that polls, on %s', (kind) => {
  const tally = useTally(kind)

  const poll = (as: string, roomId: string, after = '') =>
    tally().get(`/api/chat/${roomId}/messages?after=${after}`, { as })
  const total = async (as: string) => (await tally().badge(as)).total

  async function pair() {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const image = 'https://faces.example.com/kim.png'
    await tally().get('/v1/badge', { token: await tokenOf(kim, { name: '김민수', image }) })
    return { kim, lee, roomId: await tally().room(kim, lee) }
  }

  test('a message sent has the shape the app shows, and its author', async () => {
    const { kim, roomId } = await pair()
    const sent = await tally().post(`/api/chat/${roomId}/messages`, { as: kim, body: { content: ' 안녕 ' } })
    expect(sent.status).toBe(200)
    expect(sent.body).toEqual({
      message: {
        id: expect.any(String),
        channelId: roomId,
        content: '안녕',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        author: { id: kim, name: '김민수', image: 'https://faces.example.com/kim.png' },
      },
    })
    const polled = await poll(kim, roomId)
    expect(polled.body.messages).toEqual([sent.body.message])
  })

  test('a message of the system is not one of somebody who withdrew', async () => {
    const { kim, lee, roomId } = await pair()
    await tally().post(`/v1/rooms/${roomId}/system-messages`, { server: true, body: { text: '환영합니다' } })
    await tally().send(lee, roomId, '안녕하세요')
    await tally().ask('DELETE', `/v1/users/${lee}`, { server: true })
    const { messages } = (await poll(kim, roomId)).body
    expect(messages.map((message: { author: object }) => message.author)).toEqual([
      { id: null, name: '시스템', image: null },
      { id: null, name: '탈퇴한 사용자', image: null },
    ])
  })

  test('the same clientId is the same message; with another text it is refused: 409', async () => {
    const { kim, roomId } = await pair()
    const send = (content: string) =>
      tally().post(`/api/chat/${roomId}/messages`, { as: kim, body: { content, clientId: 'draft-1' } })
    const first = await send('once')
    expect((await send('once')).body).toEqual(first.body)
    expect(await send('twice')).toMatchObject({ status: 409, body: { errorType: 'client_id_conflict' } })
    expect((await poll(kim, roomId)).body.messages).toHaveLength(1)
  })

  test('the first poll brings the newest 50, oldest first; then what came after, 50 at most', async () => {
    const { kim, lee, roomId } = await pair()
    for (let i = 1; i <= 60; i++) await tally().send(kim, roomId, `message ${i}`)
    const first = (await poll(lee, roomId)).body.messages
    expect(first.map((message: { content: string }) => message.content)).toEqual(
      Array.from({ length: 50 }, (_, i) => `message ${i + 11}`),
    )
    const { body } = await poll(lee, roomId, first[0].id)
    expect(body.messages).toHaveLength(49)
    for (let i = 61; i <= 120; i++) await tally().send(kim, roomId, `message ${i}`)
    const next = (await poll(lee, roomId, first.at(-1).id)).body.messages
    expect(next).toHaveLength(50)
    expect(next[0].content).toBe('message 61')
    const rest = (await poll(lee, roomId, next.at(-1).id)).body.messages
    expect(rest.map((message: { content: string }) => message.content).at(-1)).toBe('message 120')
  })

  test('a poll says when to ask again, and how many are here', async () => {
    const { kim, lee, roomId } = await pair()
    await tally().send(kim, roomId, 'busy now')
    const { nextPollMs, activeUsers } = (await poll(kim, roomId)).body
    expect(activeUsers).toBe(1)
    // A second where people talk, stretched up to ten while the machine is busy.
    expect(nextPollMs).toBeGreaterThanOrEqual(1_000)
    expect(nextPollMs).toBeLessThanOrEqual(10_000)
    expect((await poll(lee, roomId)).body).toMatchObject({ activeUsers: 2 })
  })

  test('while it polls, the room raises no badge; what it confirmed stays read', async () => {
    const { kim, lee, roomId } = await pair()
    const other = await tally().room(kim, lee)
    await tally().send(lee, other, 'elsewhere')
    await poll(kim, roomId)
    const message = await tally().send(lee, roomId, 'hello')
    expect(await total(kim)).toBe(1)

    const seen = (await poll(kim, roomId)).body.messages
    expect(seen.at(-1).id).toBe(message.id)
    await poll(kim, roomId, message.id)
    const { rooms } = (await tally().get('/v1/badge/explain', { as: kim })).body
    const explained = rooms.find((room: { roomId: string }) => room.roomId === roomId)
    expect(explained).toMatchObject({ unread: 0, recount: 0, shown: 0, open: true, verdict: 'exact' })
    expect(await total(kim)).toBe(1)
  })

  test('what came after the confirmed message is not confirmed', async () => {
    const { kim, lee, roomId } = await pair()
    await poll(kim, roomId)
    const first = await tally().send(lee, roomId, 'seen')
    await tally().send(lee, roomId, 'not yet seen')
    await poll(kim, roomId, first.id)
    const { rooms } = (await tally().get('/v1/badge/explain', { as: kim })).body
    expect(rooms).toMatchObject([{ unread: 1, recount: 1, shown: 0, open: true }])
  })

  test('a mark-unread elsewhere outlives the polls of a screen that is still open', async () => {
    const { kim, lee, roomId } = await pair()
    const first = await tally().send(lee, roomId, 'one')
    await poll(kim, roomId)
    await poll(kim, roomId, first.id)
    expect(await total(kim)).toBe(0)
    await tally().post(`/v1/rooms/${roomId}/unread`, { as: kim, body: { fromSeq: 1 } })
    expect(await total(kim)).toBe(1)
    for (let i = 0; i < 3; i++) await poll(kim, roomId, first.id)
    expect(await total(kim)).toBe(1)
    const second = await tally().send(lee, roomId, 'two')
    await poll(kim, roomId, first.id)
    await poll(kim, roomId, second.id)
    expect(await total(kim)).toBe(2)
    // Opened anew, it reads again.
    await poll(kim, roomId)
    await poll(kim, roomId, second.id)
    expect(await total(kim)).toBe(0)
  })

  test('unread notifications and their count; the badge says the same', async () => {
    const kim = somebody('kim')
    await tally().ask('PUT', `/v1/users/${kim}`, { server: true, body: { name: 'Kim' } })
    const entry = {
      userIds: [kim],
      type: 'interview',
      title: '면접 제안',
      content: '내일 2시',
      link: '/applications/7',
    }
    await tally().post('/v1/notifications', { server: true, body: entry })
    await tally().post('/v1/notifications', { server: true, body: { ...entry, title: 'second', link: null } })
    const { status, body } = await tally().get('/api/notifications/unread', { as: kim })
    expect(status).toBe(200)
    expect(body).toEqual({
      notifications: [
        {
          id: expect.any(String),
          type: 'interview',
          title: 'second',
          content: '내일 2시',
          link: null,
          createdAt: expect.any(String),
        },
        {
          id: expect.any(String),
          type: 'interview',
          title: '면접 제안',
          content: '내일 2시',
          link: '/applications/7',
          createdAt: expect.any(String),
        },
      ],
      count: 2,
    })
    expect((await tally().badge(kim)).notifications).toBe(2)
  })

  test('a stranger and a room that does not exist get the same 404', async () => {
    const { roomId } = await pair()
    const as = somebody('stranger')
    const foreign = await poll(as, roomId)
    const missing = await poll(as, 'there-is-none')
    expect(foreign).toMatchObject({ status: 404, body: { success: false, errorType: 'room_not_found' } })
    expect({ ...missing, headers: null }).toEqual({ ...foreign, headers: null })
    const body = { content: 'let me in' }
    const sent = await tally().post(`/api/chat/${roomId}/messages`, { as, body })
    const lost = await tally().post('/api/chat/there-is-none/messages', { as, body })
    expect(sent).toMatchObject({ status: 404, body: foreign.body })
    expect(lost.body).toEqual(sent.body)
    expect(await total(as)).toBe(0)
  })

  test.each([
    [{ content: '   ' }, 'message_empty'],
    [{ content: 'x'.repeat(4_001) }, 'message_too_long'],
    [{ content: 'a\u0000b' }, 'message_malformed'],
    [{ content: 7 }, 'invalid_request'],
    [{}, 'invalid_request'],
  ])('%j is refused: 400', async (body, errorType) => {
    const { kim, roomId } = await pair()
    const refused = await tally().post(`/api/chat/${roomId}/messages`, { as: kim, body })
    expect(refused).toMatchObject({ status: 400, body: { success: false, errorType } })
  })
})
