import { LIMITS } from '@tally/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

const ORIGIN = 'https://app.example.com'

describe('bad input over HTTP', () => {
  const tally = useTally('postgres', { ALLOWED_ORIGINS: ORIGIN })
  let roomId: string
  beforeAll(async () => {
    roomId = await tally().room('kim', 'lee')
  })

  const createRoom = (body: unknown, headers: Record<string, string> = {}) =>
    tally().post('/v1/rooms', { as: 'kim', body, headers })
  const invalid = { status: 400, body: { error: { code: 'invalid_request', retry: 'never' } } }

  describe('bodies', () => {
    test.each(['{', '{"kind":', '[1,', 'null x', '\u0000', 'undefined', "{'kind':'group'}"])(
      'no JSON: %j',
      async (body) => {
        expect(await createRoom(body)).toMatchObject(invalid)
      },
    )

    test('JSON that is no object', async () => {
      for (const body of ['[]', '"text"', '7', 'true', 'null'])
        expect(await createRoom(body)).toMatchObject(invalid)
    })

    test('no body where one is needed names what is missing', async () => {
      const refused = await tally().post('/v1/rooms', { as: 'kim' })
      expect(refused).toMatchObject(invalid)
      expect(refused.body.error.details.issues.map(({ path }: { path: string }) => path)).toContain('kind')
    })

    test('what was sent is not repeated in the answer', async () => {
      const refused = await createRoom({ kind: 'a-secret', memberIds: ['a-secret\u0000'] })
      expect(refused).toMatchObject(invalid)
      expect(JSON.stringify(refused.body)).not.toContain('a-secret')
    })

    test('10,000 levels deep', async () => {
      const metadata = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`
      expect(await createRoom(`{"kind":"group","memberIds":["lee"],"metadata":${metadata}}`)).toMatchObject(
        invalid,
      )
      expect(await createRoom('['.repeat(30_000))).toMatchObject(invalid)
      expect(await createRoom(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)).toMatchObject(invalid)
    })

    test('__proto__ and constructor.prototype, anywhere', async () => {
      const member = '"kind":"group","memberIds":["lee"]'
      for (const body of [
        `{${member},"__proto__":{"polluted":true}}`,
        `{${member},"metadata":{"__proto__":{"polluted":true}}}`,
        `{${member},"metadata":{"a":{"b":[{"__proto__":{"polluted":true}}]}}}`,
        `{${member},"metadata":{"\\u005f_proto__":{"polluted":true}}}`,
        `{${member},"metadata":{"constructor":{"prototype":{"polluted":true}}}}`,
      ]) {
        expect(await createRoom(body)).toMatchObject(invalid)
      }
      expect({}).not.toHaveProperty('polluted')
      const query = await tally().get('/v1/rooms?__proto__[polluted]=1&constructor=1&limit=1', { as: 'kim' })
      expect(query.status).toBe(200)
      expect({}).not.toHaveProperty('polluted')
    })

    test('one byte over the limit: 413, and the server goes on', async () => {
      const body = (bytes: number) => {
        const [before, after] = ['{"text":"', '","clientId":"c"}']
        return before + 'x'.repeat(bytes - before.length - after.length) + after
      }
      const send = (bytes: number) =>
        tally().post(`/v1/rooms/${roomId}/messages`, { as: 'kim', body: body(bytes) })
      expect(await send(LIMITS.frameBytes)).toMatchObject({
        status: 400,
        body: { error: { code: 'message_too_long' } },
      })
      const refused = await send(LIMITS.frameBytes + 1)
      expect(refused).toMatchObject({ status: 413, body: { error: { code: 'payload_too_large' } } })
      expect((await tally().get('/health/live')).status).toBe(200)
    })

    test('other types than JSON: 415', async () => {
      for (const type of [
        'text/plain',
        'application/xml',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
      ]) {
        const refused = await createRoom('kind=group', { 'content-type': type })
        expect(refused).toMatchObject({ status: 415, body: { error: { code: 'unsupported_media_type' } } })
      }
    })

    test('a compressed body is not unpacked', async () => {
      const refused = await createRoom('{}', { 'content-encoding': 'gzip' })
      expect(refused.status).toBeGreaterThanOrEqual(400)
      expect(refused.status).toBeLessThan(500)
    })

    test.each([
      ['NUL', 'a\u0000b', 400],
      ['half of a surrogate pair', 'a\ud800b', 400],
      ['right-to-left overrides', '\u202egnp.exe', 201],
      ['combining marks', `e${'\u0301'.repeat(3_000)}`, 201],
      ['markup', '<script>alert(1)</script><img src=x onerror=alert(1)>', 201],
    ])('a text with %s', async (_, text, status) => {
      const sent = await tally().post(`/v1/rooms/${roomId}/messages`, { as: 'kim', body: { text } })
      expect(sent.status).toBe(status)
      if (status === 201) expect(sent.body.text).toBe(text)
    })

    test("sender, time, seq and id of a message are never the client's to say", async () => {
      const said = {
        senderId: 'lee',
        createdAt: '2001-01-01T00:00:00Z',
        seq: 1,
        id: 'mine',
        counted: false,
        tally: 0,
      }
      const sent = await tally().post(`/v1/rooms/${roomId}/messages`, {
        as: 'kim',
        body: { text: 'hi', ...said },
      })
      expect(sent).toMatchObject({ status: 201, body: { senderId: 'kim' } })
      expect(sent.body.seq).toBeGreaterThan(1)
      expect(sent.body.id).not.toBe('mine')
      expect(Date.parse(sent.body.createdAt)).toBeGreaterThan(Date.parse('2020-01-01'))
    })
  })

  describe('numbers', () => {
    test.each([
      '101',
      '1000000',
      '-1',
      '0',
      '1.5',
      '1e1',
      'NaN',
      'Infinity',
      '0x10',
      '',
      ' 5',
      '9007199254740993',
    ])('limit=%s: 400', async (limit) => {
      for (const path of ['/v1/rooms', `/v1/rooms/${roomId}/messages`, '/v1/notifications', '/v1/blocks']) {
        expect(await tally().get(`${path}?limit=${encodeURIComponent(limit)}`, { as: 'kim' })).toMatchObject(
          invalid,
        )
      }
    })

    test.each([-1, 1.5, 2 ** 53, '1', null, [], '__proto__'])('upToSeq %j: 400', async (upToSeq) => {
      const refused = await tally().post(`/v1/rooms/${roomId}/read`, { as: 'kim', body: { upToSeq } })
      expect(refused).toMatchObject(invalid)
    })

    test('reading beyond the head reads to the head; what comes next is unread', async () => {
      const lee = somebody('lee')
      const room = await tally().room('kim', lee)
      await tally().send('kim', room, 'one')
      const read = await tally().post(`/v1/rooms/${room}/read`, {
        as: lee,
        body: { upToSeq: Number.MAX_SAFE_INTEGER },
      })
      expect(read).toMatchObject({ status: 200, body: { readSeq: 1, unread: 0 } })
      await tally().send('kim', room, 'two')
      expect((await tally().badge(lee)).total).toBe(1)
    })
  })

  describe('cursors', () => {
    test('a tampered one is refused, and one of another list or another person', async () => {
      const kim = somebody('kim')
      for (let i = 0; i < 3; i++) await tally().room(kim, 'lee')
      const { next } = (await tally().get('/v1/rooms?limit=1', { as: kim })).body
      expect((await tally().get(`/v1/rooms?limit=1&cursor=${next}`, { as: kim })).status).toBe(200)
      const bad = { status: 400, body: { error: { code: 'invalid_cursor', retry: 'after_resync' } } }
      const flipped = (next[0] === 'A' ? 'B' : 'A') + next.slice(1)
      for (const cursor of [flipped, `${next}x`, next.slice(1), 'x', "' or 1=1 --", '../../etc/passwd']) {
        const path = `/v1/rooms?limit=1&cursor=${encodeURIComponent(cursor)}`
        expect(await tally().get(path, { as: kim })).toMatchObject(bad)
      }
      expect(await tally().get(`/v1/rooms?limit=1&cursor=${next}`, { as: 'lee' })).toMatchObject(bad)
      expect(await tally().get(`/v1/notifications?cursor=${next}`, { as: kim })).toMatchObject(bad)
      expect(await tally().get(`/v1/sync?next=${next}`, { as: kim })).toMatchObject(bad)
    })
  })

  describe('addresses', () => {
    test('nothing there: 404 in the shape of whoever asks', async () => {
      for (const path of [
        '/nothing',
        '/v1/nothing',
        '/v2/badge',
        '/v1/badge/',
        '/../etc/passwd',
        '/%2e%2e/package.json',
      ]) {
        const missing = await tally().get(path)
        expect(missing).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } })
      }
      expect(await tally().get('/api/nothing')).toMatchObject({
        status: 404,
        body: { success: false, errorType: 'not_found' },
      })
    })

    test('there, but not for this method: 405, and for which', async () => {
      const refused = await tally().ask('DELETE', '/v1/rooms')
      expect(refused).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } })
      expect(refused.headers.get('allow')).toBe('GET, POST')
      const installed = await tally().get('/api/chat/create-room')
      expect(installed).toMatchObject({ status: 405, body: { success: false } })
    })

    test('an address that cannot be decoded: 400', async () => {
      expect(await tally().get('/v1/rooms/%E0%A4%A')).toMatchObject(invalid)
    })

    test('ids at the limit and over it', async () => {
      const atLimit = '한'.repeat(LIMITS.idChars)
      const ask = (id: string) => tally().get(`/v1/rooms/${encodeURIComponent(id)}`, { as: 'kim' })
      expect((await ask(atLimit)).status).toBe(404)
      expect(await ask(`${atLimit}x`)).toMatchObject(invalid)
      expect(await ask('a\u0000b')).toMatchObject(invalid)
    })
  })

  test('a fault of ours tells nothing about itself', async () => {
    const answers = await Promise.all([
      tally().get('/v1/rooms/%E0%A4%A'),
      createRoom('{'),
      tally().get('/nothing'),
      tally().get('/v1/rooms?cursor=x', { as: 'kim' }),
    ])
    for (const { body, headers } of answers) {
      expect(JSON.stringify(body)).not.toMatch(/\.ts|\.js|node_modules|stack|select |fastify/i)
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
    }
  })

  test('a stranger may do nothing in a room, and learns nothing of it', async () => {
    await tally().send('kim', roomId, 'private')
    const as = somebody('stranger')
    const calls: [string, string, object | undefined][] = [
      ['GET', '', undefined],
      ['PATCH', '', { title: 'mine now' }],
      ['DELETE', '', undefined],
      ['GET', '/members', undefined],
      ['POST', '/members', { userIds: [as] }],
      ['DELETE', '/members/kim', undefined],
      ['DELETE', '/members/me', undefined],
      ['GET', '/messages', undefined],
      ['GET', '/messages/1', undefined],
      ['POST', '/messages', { text: 'let me in' }],
      ['PATCH', '/messages/1', { text: 'changed' }],
      ['DELETE', '/messages/1', undefined],
      ['POST', '/reactions', { seq: 1, emoji: '👍', on: true }],
      ['POST', '/read', {}],
      ['POST', '/unread', { fromSeq: 1 }],
      ['POST', '/mute', { muted: true }],
      ['POST', '/archive', { archived: true }],
      ['POST', '/typing', { typing: true }],
    ]
    for (const [method, path, body] of calls) {
      const foreign = await tally().ask(method, `/v1/rooms/${roomId}${path}`, { as, body })
      const missing = await tally().ask(method, `/v1/rooms/there-is-none${path}`, { as, body })
      expect({ method, path, ...foreign }).toMatchObject({
        status: 404,
        body: { error: { code: 'room_not_found' } },
      })
      expect({ status: missing.status, body: missing.body }).toEqual({
        status: foreign.status,
        body: foreign.body,
      })
    }
    const sync = await tally().get(`/v1/sync?rooms=${roomId}:0`, { as })
    expect(sync.body).toMatchObject({ rooms: [], messages: {} })
  })

  describe('origins', () => {
    test('a page of an allowed origin may read answers; others, null and near misses may not', async () => {
      const ask = (origin: string) => tally().get('/v1/badge', { as: 'kim', headers: { origin } })
      expect((await ask(ORIGIN)).headers.get('access-control-allow-origin')).toBe(ORIGIN)
      for (const origin of [
        'https://evil.example.com',
        'https://app.example.com.evil.test',
        'https://evil-app.example.com',
        'http://app.example.com',
        'https://app.example.com:8443',
        'null',
      ]) {
        expect((await ask(origin)).headers.get('access-control-allow-origin')).toBeNull()
      }
    })

    test('an allowed page may ask with a token and read the hints of a sync', async () => {
      const preflight = await tally().ask('OPTIONS', '/v1/sync', {
        headers: {
          origin: ORIGIN,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'authorization,if-none-match',
        },
      })
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
      const answer = await tally().get('/v1/sync', { as: 'kim', headers: { origin: ORIGIN } })
      const exposed = answer.headers.get('access-control-expose-headers')
      for (const name of ['etag', 'x-next-poll-ms', 'x-active-users', 'retry-after'])
        expect(exposed).toContain(name)
    })
  })
})
