import { describe, expect, test } from 'vitest'
import { DATABASES, somebody, tokenOf } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('the installed mobile app, on %s', (kind) => {
  const tally = useTally(kind)

  /** A job seeker and a company with a room about an application. */
  async function application(applicationId = somebody('application')) {
    const user = somebody('seeker')
    const company = somebody('company')
    await tally().get('/v1/badge', { token: await tokenOf(user, { name: '김지원', user_type: 'user' }) })
    await tally().get('/v1/badge', {
      token: await tokenOf(company, { name: '한빛소프트', user_type: 'company' }),
    })
    const body = {
      application_id: applicationId,
      user_id: user,
      company_id: company,
      job_posting_id: 'posting-7',
    }
    const made = await tally().post('/api/chat/create-room', { as: user, body })
    expect(made.status).toBe(200)
    return { user, company, roomId: made.body.data.id as string, body }
  }

  describe('POST /api/chat/create-room', () => {
    test('gives a room, and the same one again to both', async () => {
      const { user, company, roomId, body } = await application()
      for (const as of [user, company]) {
        const again = await tally().post('/api/chat/create-room', { as, body })
        expect(again).toMatchObject({ status: 200, body: { success: true, data: { id: roomId } } })
      }
    })

    test('needs no job posting and ignores what it does not know', async () => {
      const [user, company] = [somebody('seeker'), somebody('company')]
      const body = {
        application_id: somebody('a'),
        user_id: user,
        company_id: company,
        page: 0,
        sender_id: 'x',
      }
      expect((await tally().post('/api/chat/create-room', { as: user, body })).status).toBe(200)
    })

    test('is refused to somebody who is neither of the two: 403', async () => {
      const { body } = await application()
      const refused = await tally().post('/api/chat/create-room', { as: somebody('stranger'), body })
      expect(refused.status).toBe(403)
      expect(refused.body).toMatchObject({ success: false, error: expect.any(String) })
    })

    test('is refused for an application that belongs to other people: 403', async () => {
      const { user, body } = await application()
      for (const other of [
        { company_id: somebody('company') },
        { user_id: somebody('x'), company_id: user },
      ]) {
        const refused = await tally().post('/api/chat/create-room', { as: user, body: { ...body, ...other } })
        expect(refused).toMatchObject({ status: 403, body: { success: false } })
      }
    })

    test('names the field that is missing: 400', async () => {
      const refused = await tally().post('/api/chat/create-room', { as: 'kim', body: { user_id: 'kim' } })
      expect(refused.status).toBe(400)
      expect(refused.body).toMatchObject({ success: false, errorType: 'invalid_request' })
      expect(refused.body.error).toContain('application_id')
    })

    test('100 at once make one room', async () => {
      const [user, company] = [somebody('seeker'), somebody('company')]
      const body = { application_id: somebody('a'), user_id: user, company_id: company, job_posting_id: '1' }
      const made = await Promise.all(
        Array.from({ length: 100 }, (_, i) => {
          return tally().post('/api/chat/create-room', { as: i % 2 === 0 ? user : company, body })
        }),
      )
      expect(new Set(made.map((answer) => answer.body.data.id)).size).toBe(1)
    })
  })

  describe('GET /api/chat/find-existing-room', () => {
    const find = (as: string, user: string, company: string) =>
      tally().get(`/api/chat/find-existing-room?user_id=${user}&company_id=${company}`, { as })

    test('finds the room of the two, for both', async () => {
      const { user, company, roomId, body } = await application()
      const data = { roomId, applicationId: body.application_id, jobPostingId: 'posting-7' }
      for (const as of [user, company]) {
        expect(await find(as, user, company)).toMatchObject({ status: 200, body: { success: true, data } })
      }
    })

    test('is null where there is none', async () => {
      const user = somebody('seeker')
      const answer = await find(user, user, somebody('company'))
      expect(answer).toMatchObject({ status: 200, body: { success: true, data: null } })
    })

    test('is refused to a stranger: 403', async () => {
      const { user, company } = await application()
      expect(await find(somebody('x'), user, company)).toMatchObject({
        status: 403,
        body: { success: false },
      })
    })
  })

  describe('GET /api/chat/user/rooms and /api/chat/company/rooms', () => {
    test('show each side its rooms in its own words', async () => {
      const { user, company, roomId, body } = await application()
      await tally().send(company, roomId, '안녕하세요')
      const last = await tally().send(company, roomId, '면접 일정을 잡고 싶습니다')
      const common = {
        id: roomId,
        application_id: body.application_id,
        job_posting_id: 'posting-7',
        user_id: user,
        company_id: company,
        last_message: '면접 일정을 잡고 싶습니다',
        last_message_at: last.createdAt,
        job_postings: null,
      }
      expect((await tally().get('/api/chat/user/rooms', { as: user })).body).toEqual({
        success: true,
        data: [{ ...common, user_unread_count: 2, company: { name: '한빛소프트' } }],
      })
      expect((await tally().get('/api/chat/company/rooms', { as: company })).body).toEqual({
        success: true,
        data: [{ ...common, company_unread_count: 0, user: { name: '김지원' } }],
      })
    })

    test('a room without a message has none, and is listed', async () => {
      const { user } = await application()
      const { data } = (await tally().get('/api/chat/user/rooms?page=0&limit=20', { as: user })).body
      expect(data).toMatchObject([{ last_message: null, last_message_at: null, user_unread_count: 0 }])
    })

    test('the room with the newest message is first', async () => {
      const user = somebody('seeker')
      const rooms: string[] = []
      for (let i = 0; i < 3; i++) {
        const body = {
          application_id: somebody('a'),
          user_id: user,
          company_id: somebody('c'),
          job_posting_id: '1',
        }
        rooms.push((await tally().post('/api/chat/create-room', { as: user, body })).body.data.id)
      }
      for (const roomId of [rooms[2]!, rooms[0]!, rooms[1]!]) await tally().send(user, roomId, 'hello')
      const { data } = (await tally().get('/api/chat/user/rooms', { as: user })).body
      expect(data.map((room: { id: string }) => room.id)).toEqual([rooms[1], rooms[0], rooms[2]])
    })

    test('the posting has the title the host gave it', async () => {
      const [user, company] = [somebody('seeker'), somebody('company')]
      const metadata = { userId: user, companyId: company, jobPostingId: 'p1', jobTitle: '백엔드 개발자' }
      const key = `application:${somebody('a')}`
      const body = { kind: 'direct', memberIds: [user, company], key, metadata }
      expect((await tally().post('/v1/rooms', { server: true, body })).status).toBe(201)
      const { data } = (await tally().get('/api/chat/user/rooms', { as: user })).body
      expect(data).toMatchObject([{ job_posting_id: 'p1', job_postings: { title: '백엔드 개발자' } }])
    })
  })

  describe('GET /api/chat/room/:roomId', () => {
    test('tells who is in it', async () => {
      const { user, company, roomId } = await application()
      for (const as of [user, company]) {
        expect((await tally().get(`/api/chat/room/${roomId}`, { as })).body).toEqual({
          success: true,
          data: {
            id: roomId,
            user_id: user,
            company_id: company,
            job_posting_id: 'posting-7',
            user: { name: '김지원' },
            company: { name: '한빛소프트' },
            job_postings: null,
          },
        })
      }
    })

    test('says so beside the data when one left, and is no error', async () => {
      const { user, company, roomId } = await application()
      await tally().ask('DELETE', `/v1/rooms/${roomId}/members/me`, { as: company })
      const answer = await tally().get(`/api/chat/room/${roomId}`, { as: user })
      expect(answer).toMatchObject({
        status: 200,
        body: { success: true, hasWithdrawnUser: true, data: { company: { name: '탈퇴한 사용자' } } },
      })
    })

    test('says so when one deleted the account', async () => {
      const { user, company, roomId } = await application()
      await tally().send(company, roomId, 'hello')
      expect((await tally().ask('DELETE', `/v1/users/${company}`, { server: true })).status).toBe(200)
      const answer = await tally().get(`/api/chat/room/${roomId}`, { as: user })
      expect(answer.body).toMatchObject({
        hasWithdrawnUser: true,
        data: { company: { name: '탈퇴한 사용자' } },
      })
      const history = await tally().get(`/api/chat/room/${roomId}/messages`, { as: user })
      expect(history.body.data.messages).toMatchObject([{ sender_id: null, message: 'hello' }])
    })

    test('a stranger and a room that does not exist get the same 404', async () => {
      const { roomId } = await application()
      const as = somebody('stranger')
      const paths = ['', '/messages']
      for (const path of paths) {
        const foreign = await tally().get(`/api/chat/room/${roomId}${path}`, { as })
        const missing = await tally().get(`/api/chat/room/there-is-none${path}`, { as })
        expect(foreign.status).toBe(404)
        expect(foreign.body).toMatchObject({ success: false, errorType: 'room_not_found' })
        expect({ status: missing.status, body: missing.body }).toEqual({ status: 404, body: foreign.body })
      }
      const foreign = await tally().ask('PATCH', `/api/chat/room/${roomId}/read`, { as })
      const missing = await tally().ask('PATCH', '/api/chat/room/there-is-none/read', { as })
      expect(foreign).toMatchObject({ status: 404, body: { success: false, errorType: 'room_not_found' } })
      expect(missing.body).toEqual(foreign.body)
    })
  })

  describe('GET /api/chat/room/:roomId/messages', () => {
    test('pages through the history by time, newest first, without gap or double', async () => {
      const { user, company, roomId } = await application()
      const sent: string[] = []
      for (let i = 1; i <= 45; i++) {
        sent.push((await tally().send(i % 3 === 0 ? user : company, roomId, `message ${i}`)).id)
      }
      const seen: string[] = []
      const sizes: number[] = []
      let before = ''
      for (let more = true; more; ) {
        const path = `/api/chat/room/${roomId}/messages?limit=20&page=0&before=${encodeURIComponent(before)}`
        const { data } = (await tally().get(path, { as: user })).body
        const { messages, pagination } = data
        seen.push(...messages.map((message: { id: string }) => message.id))
        sizes.push(messages.length)
        expect(pagination.limit).toBe(20)
        expect(pagination.nextCursor).toBe(pagination.hasMore ? messages.at(-1).created_at : null)
        before = pagination.nextCursor
        more = pagination.hasMore
      }
      expect(sizes).toEqual([20, 20, 5])
      expect(seen).toEqual(sent.toReversed())
    })

    test('a message has every field the app reads', async () => {
      const { user, company, roomId } = await application()
      const body = { text: '  이력서를 보냅니다 ', type: 'resume', clientId: 'c-1' }
      const sent = (await tally().post(`/v1/rooms/${roomId}/messages`, { as: user, body })).body
      const { messages } = (await tally().get(`/api/chat/room/${roomId}/messages`, { as: user })).body.data
      expect(messages).toEqual([
        {
          id: sent.id,
          room_id: roomId,
          sender_id: user,
          message: '이력서를 보냅니다',
          message_type: 'resume',
          created_at: sent.createdAt,
          is_read: false,
          seq: 1,
          client_id: 'c-1',
          change: sent.change,
        },
      ])
      await tally().ask('PATCH', `/api/chat/room/${roomId}/read`, { as: company })
      const read = (await tally().get(`/api/chat/room/${roomId}/messages`, { as: user })).body.data.messages
      expect(read).toMatchObject([{ is_read: true }])
      const others = (await tally().get(`/api/chat/room/${roomId}/messages`, { as: company })).body.data
        .messages
      expect(others[0]).not.toHaveProperty('client_id')
    })

    test('a limit of 0 or of a million is cut to what is possible, and says so', async () => {
      const { user, roomId } = await application()
      for (const [asked, given] of [
        ['0', 1],
        ['1000000', 100],
      ] as const) {
        const answer = await tally().get(`/api/chat/room/${roomId}/messages?limit=${asked}`, { as: user })
        expect(answer.body.data.pagination.limit).toBe(given)
      }
    })

    test.each([
      'limit=-1',
      'limit=NaN',
      'limit=1e9',
      'before=yesterday',
      'before=2026-13-01T00:00:00Z',
      'limit=1&limit=2',
    ])('%s is refused: 400', async (query) => {
      const { user, roomId } = await application()
      const refused = await tally().get(`/api/chat/room/${roomId}/messages?${query}`, { as: user })
      expect(refused).toMatchObject({ status: 400, body: { success: false, error: expect.any(String) } })
    })
  })

  describe('PATCH /api/chat/room/:roomId/read and GET /api/chat/unread-count', () => {
    test('the total counts what others sent, and reading clears it', async () => {
      const { user, company, roomId } = await application()
      await tally().send(company, roomId, 'one')
      await tally().send(company, roomId, 'two')
      await tally().send(user, roomId, 'own')
      const count = () => tally().get('/api/chat/unread-count', { as: user })
      expect((await count()).body).toEqual({ success: true, data: { totalUnreadCount: 2 } })

      // As the app does: JSON announced, nothing sent.
      const read = await tally().ask('PATCH', `/api/chat/room/${roomId}/read`, {
        as: user,
        headers: { 'content-type': 'application/json' },
      })
      expect(read).toMatchObject({
        status: 200,
        body: { success: true, message: expect.any(String), data: { message: expect.any(String) } },
      })
      expect((await count()).body).toEqual({ success: true, data: { totalUnreadCount: 0 } })
      const again = await tally().ask('PATCH', `/api/chat/room/${roomId}/read`, { as: user })
      expect(again.status).toBe(200)
    })

    test('without a token: 401 in the shape of these clients', async () => {
      const refused = await tally().get('/api/chat/unread-count')
      expect(refused).toMatchObject({ status: 401, body: { success: false, errorType: 'unauthorized' } })
    })
  })
})
