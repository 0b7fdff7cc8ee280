import { UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { DATABASES, SERVER_KEY, somebody, tokenOf } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1_000) - seconds

describe.each(DATABASES)('who is speaking, over HTTP, on %s', (kind) => {
  const tally = useTally(kind)

  const badge = (token: string) => tally().get('/v1/badge', { token })
  const put = (userId: string, body: object) =>
    tally().ask('PUT', `/v1/users/${userId}`, { server: true, body })

  /** How others see a person. */
  async function seen(userId: string) {
    const roomId = await tally().room(userId, somebody('other'))
    const { items } = (await tally().get(`/v1/rooms/${roomId}/members`, { as: userId })).body
    return items.find((member: { userId: string }) => member.userId === userId)
  }

  describe('people', () => {
    test('somebody unknown is made known by the token', async () => {
      const userId = somebody('kim')
      const claims = { name: '김민수', image: 'https://faces.example.com/kim.png', user_type: 'user' }
      expect((await badge(await tokenOf(userId, claims))).status).toBe(200)
      const { user_type: userType, ...profile } = claims
      expect(await seen(userId)).toMatchObject({ ...profile, userType })
    })

    test('a newer token changes the name; one without a name leaves it', async () => {
      const userId = somebody('kim')
      await badge(await tokenOf(userId, { name: 'Kim', iat: secondsAgo(5) }))
      await badge(await tokenOf(userId, { name: 'Kim Minsu', iat: secondsAgo(-5) }))
      await badge(await tokenOf(userId))
      expect(await seen(userId)).toMatchObject({ name: 'Kim Minsu' })
    })

    test('an old token does not undo what the backend has set since', async () => {
      const userId = somebody('kim')
      await badge(await tokenOf(userId, { name: 'Kim', iat: secondsAgo(60) }))
      await put(userId, { name: 'Director Kim' })
      await badge(await tokenOf(userId, { name: 'Kim', iat: secondsAgo(60), jti: 'another' }))
      expect(await seen(userId)).toMatchObject({ name: 'Director Kim' })
    })

    test('a profile nobody can use does not lock its owner out', async () => {
      const userId = somebody('kim')
      const claims = { name: 'x'.repeat(300), image: 'javascript:alert(1)', user_type: { admin: true } }
      expect(await badge(await tokenOf(userId, claims))).toMatchObject({ status: 200 })
      expect(await seen(userId)).toMatchObject({ name: null, image: null, userType: null })
    })

    test.each([
      ['none', undefined],
      ['no scheme', 'abc.def.ghi'],
      ['another scheme', 'Basic a2ltOnB3'],
      ['no token', 'Bearer '],
      ['two tokens', 'Bearer a b'],
      ['garbage', 'Bearer garbage'],
      ['no signature', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
    ])('%s: 401, and what to do about it', async (_, authorization) => {
      const refused = await tally().get(
        '/v1/badge',
        authorization === undefined ? {} : { headers: { authorization } },
      )
      expect(refused.status).toBe(401)
      expect(refused.body).toEqual({
        error: { code: 'unauthorized', message: 'A valid token is required.', retry: 'after_auth' },
      })
    })

    test('an expired token, also one that was good a moment ago: 401', async () => {
      const expired = await tokenOf(somebody('kim'), { exp: secondsAgo(1) })
      expect(await badge(expired)).toMatchObject({ status: 401, body: { error: { code: 'token_expired' } } })
    })
  })

  describe('sessions', () => {
    const revoke = (userId: string) => tally().post('/v1/sessions/revoke', { server: true, body: { userId } })

    test('a revoked session is over at once; a new token begins another', async () => {
      const userId = somebody('kim')
      const token = await tokenOf(userId, { iat: secondsAgo(10) })
      expect((await badge(token)).status).toBe(200)
      expect((await revoke(userId)).body).toEqual({ ok: true })
      const refused = await badge(token)
      expect(refused).toMatchObject({
        status: 401,
        body: { error: { code: 'session_revoked', retry: 'never' } },
      })
      expect((await badge(await tokenOf(userId, { iat: secondsAgo(-2) }))).status).toBe(200)
    })

    test('a token that does not say since when does not survive a revocation either', async () => {
      const userId = somebody('kim')
      const token = await tokenOf(userId, { iat: 0 })
      await badge(token)
      await revoke(userId)
      expect((await badge(token)).status).toBe(401)
    })

    test('sessions of somebody who has not come yet are revoked like any others', async () => {
      const userId = somebody('kim')
      const token = await tokenOf(userId, { name: 'Kim', iat: secondsAgo(10) })
      expect(await revoke(userId)).toMatchObject({ status: 200, body: { ok: true } })
      expect(await badge(token)).toMatchObject({ status: 401, body: { error: { code: 'session_revoked' } } })
      const later = await tokenOf(userId, { name: 'Kim', iat: secondsAgo(-2) })
      expect((await badge(later)).status).toBe(200)
      const roomId = await tally().room(userId, UserId.parse('lee'))
      const { items } = (await tally().get(`/v1/rooms/${roomId}/members`, { as: 'lee' })).body
      expect(items).toContainEqual(expect.objectContaining({ userId, name: 'Kim' }))
    })

    test("a deleted account's tokens are refused and do not bring it back", async () => {
      const userId = somebody('kim')
      const token = await tokenOf(userId, { name: 'Kim', iat: secondsAgo(10) })
      await badge(token)
      const roomId = await tally().room(userId, UserId.parse('lee'))
      expect((await tally().ask('DELETE', `/v1/users/${userId}`, { server: true })).body).toEqual({
        ok: true,
      })
      expect((await badge(token)).status).toBe(401)
      expect((await badge(await tokenOf(userId, { name: 'Kim', iat: secondsAgo(9) }))).status).toBe(401)
      const { items } = (await tally().get(`/v1/rooms/${roomId}/members`, { as: 'lee' })).body
      expect(items).toContainEqual(expect.objectContaining({ userId, name: null, left: true }))
    })
  })

  describe("the host's backend", () => {
    const serverOnly: [string, string, object | undefined][] = [
      ['PUT', '/v1/users/kim', { name: 'Kim' }],
      ['DELETE', '/v1/users/kim', undefined],
      ['POST', '/v1/notifications', { userIds: ['kim'], type: 't', title: 't' }],
      ['POST', '/v1/rooms/r/system-messages', { text: 'x' }],
      ['POST', '/v1/sessions/revoke', { userId: 'kim' }],
    ]

    test.each(serverOnly)('%s %s takes a key, not a person', async (method, path, body) => {
      const calls = [
        {},
        { as: 'kim' },
        { headers: { 'x-api-key': '' } },
        { headers: { 'x-api-key': SERVER_KEY.slice(0, -1) } },
        { headers: { 'x-api-key': `${SERVER_KEY}x` } },
        { headers: { authorization: `Bearer ${SERVER_KEY}` } },
      ]
      for (const call of calls) {
        const refused = await tally().ask(method, path, { ...call, body })
        expect(refused).toMatchObject({ status: 401, body: { error: { code: 'api_key_required' } } })
      }
    })

    test('acts as nobody: what needs a person takes no key', async () => {
      for (const path of [
        '/v1/badge',
        '/v1/rooms',
        '/v1/sync',
        '/v1/notifications',
        '/api/chat/unread-count',
      ]) {
        expect((await tally().get(path, { server: true })).status).toBe(401)
      }
    })

    test('a wrong key is not made up for by a good token', async () => {
      const body = { kind: 'group', memberIds: ['lee'] }
      const refused = await tally().post('/v1/rooms', { as: 'kim', headers: { 'x-api-key': 'wrong' }, body })
      expect(refused).toMatchObject({ status: 401, body: { error: { code: 'api_key_required' } } })
    })
  })

  test('the development login does not exist where tokens are checked', async () => {
    for (const [method, path] of [
      ['POST', '/dev/login'],
      ['GET', '/dev/login'],
      ['GET', '/dev/people'],
    ] as const) {
      const answer = await tally().ask(method, path, method === 'POST' ? { body: { userId: 'kim' } } : {})
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } })
    }
  })
})

describe('what is done with a server key', () => {
  const tally = useTally('pglite')
  const lines = () =>
    tally()
      .log.map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'done with a server key')

  test('stands in the log: with which key, what, and how it ended; what is only read does not', async () => {
    await tally().ask('PUT', '/v1/users/kim', { server: true, body: { name: 'Kim' } })
    await tally().get('/v1/badge/explain?userId=kim', { server: true })
    await tally().get('/v1/badge', { as: 'kim' })
    await tally().ask('DELETE', '/v1/users/kim', { server: true })
    await tally().ask('DELETE', '/v1/users/nobody', { server: true })
    await expect.poll(() => lines().length, { timeout: 15_000 }).toBe(3)
    const told = { level: 'info', keyName: 'backend' }
    expect(lines()).toMatchObject([
      { ...told, method: 'PUT', status: 200, req: { path: '/v1/users/kim' } },
      { ...told, method: 'DELETE', status: 200, req: { path: '/v1/users/kim' } },
      { ...told, method: 'DELETE', status: 404, req: { path: '/v1/users/nobody' } },
    ])
    expect(JSON.stringify(lines())).not.toContain('Kim"')
  })
})

describe('the development login', () => {
  const tally = useTally('pglite', { JWT_SECRET: '', TALLY_DEMO_DATA: 'false' })

  test('makes anybody anybody', async () => {
    const body = { userId: 'kim', name: '김민수', userType: 'user' }
    const { status, body: answer } = await tally().post('/dev/login', { body })
    expect(status).toBe(200)
    expect(answer).toEqual({
      token: expect.any(String),
      user: { id: 'kim', name: '김민수', image: null, userType: 'user' },
    })
    expect((await tally().get('/v1/badge', { token: answer.token })).body).toMatchObject({ total: 0 })
    const people = (await tally().get('/dev/people')).body
    expect(people.items).toContainEqual(answer.user)
  })

  test('signing in again changes the name', async () => {
    await tally().post('/dev/login', { body: { userId: 'lee', name: 'Lee' } })
    const again = await tally().post('/dev/login', { body: { userId: 'lee', name: 'Lee Jieun' } })
    expect(again.body.user).toMatchObject({ name: 'Lee Jieun' })
  })

  test("a host's token means nothing here", async () => {
    expect((await tally().get('/v1/badge', { as: 'kim' })).status).toBe(401)
  })
})
