import type { RequestError, RoomId } from '@tally/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HttpApi } from '../src/http-api.ts'
import { TokenSource } from '../src/token-source.ts'

type Call = { url: string; method: string | undefined; headers: Record<string, string>; body: unknown }

let calls: Call[]
let answers: (() => Response | Promise<Response>)[]

beforeEach(() => {
  vi.useFakeTimers()
  calls = []
  answers = []
})
afterEach(() => {
  vi.useRealTimers()
})

const answer = (body: unknown, status = 200) => answers.push(() => Response.json(body, { status }))
const refusal = (code: string, retry: string) => ({ error: { code, message: code, retry } })

const recordingFetch: typeof fetch = async (input, init) => {
  calls.push({
    url: String(input),
    method: init?.method,
    headers: init?.headers as Record<string, string>,
    body: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined,
  })
  const next = answers.shift()
  if (next !== undefined) return next()
  return new Promise((_, reject) =>
    init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
  )
}

const apiOf = (token: string | (() => Promise<string>), url = 'https://chat.example.com/') =>
  new HttpApi({ url, fetch: recordingFetch, tokens: new TokenSource(token) })

const params = { roomId: 'a room' as RoomId }

test('a call is the method, path, query and body of its endpoint, with the token', async () => {
  answer({ items: [], hasBefore: false, hasAfter: false, change: 1 })
  answer({ ok: true })
  const api = apiOf('secret')
  expect(
    await api.call('GET /v1/rooms/:roomId/messages', { params, query: { limit: 5, before: 9 } }),
  ).toMatchObject({
    change: 1,
  })
  await api.call('POST /v1/rooms/:roomId/mute', { params, body: { muted: true } })
  expect(calls).toEqual([
    {
      url: 'https://chat.example.com/v1/rooms/a%20room/messages?limit=5&before=9',
      method: 'GET',
      headers: { authorization: 'Bearer secret' },
      body: undefined,
    },
    {
      url: 'https://chat.example.com/v1/rooms/a%20room/mute',
      method: 'POST',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
      body: { muted: true },
    },
  ])
})

test('without an address the page it runs on is asked', async () => {
  answer({ total: 0 })
  await apiOf('secret', '').call('GET /v1/badge', {})
  expect(calls[0]?.url).toBe('/v1/badge')
})

test.each([
  '//elsewhere.example/v1/badge',
  '/\\elsewhere.example/v1/badge',
  '/\t/elsewhere.example/v1/badge',
  'https://elsewhere.example/v1/badge',
  '.elsewhere.example/v1/badge',
  '@elsewhere.example/v1/badge',
  'v1/badge',
  '',
])('the token goes to no other address, whatever path is asked for: %j', async (path) => {
  const tokens = vi.fn(async () => 'secret')
  for (const url of ['https://chat.example.com', '']) {
    const fetched = apiOf(tokens, url).fetch(path)
    await expect(fetched).rejects.toMatchObject({ code: 'invalid_request' })
  }
  expect(calls).toEqual([])
  expect(tokens).not.toHaveBeenCalled()
})

test('a token is kept until it is refused, and then replaced once', async () => {
  const tokens = vi.fn(async () => `token ${tokens.mock.calls.length}`)
  const api = apiOf(tokens)
  answer({ total: 0 })
  answer(refusal('token_expired', 'after_auth'), 401)
  answer({ total: 1 })
  await api.call('GET /v1/badge', {})
  expect(await api.call('GET /v1/badge', {})).toEqual({ total: 1 })
  expect(calls.map(({ headers }) => headers['authorization'])).toEqual([
    'Bearer token 1',
    'Bearer token 1',
    'Bearer token 2',
  ])
  answer(refusal('token_expired', 'after_auth'), 401)
  answer(refusal('token_expired', 'after_auth'), 401)
  await expect(api.call('GET /v1/badge', {})).rejects.toMatchObject({ code: 'token_expired' })
})

test('what one person asked is not asked again in the name of the next', async () => {
  const tokens = new TokenSource(vi.fn(async () => 'of ann').mockResolvedValueOnce('of ben'))
  const api = new HttpApi({ url: '', fetch: recordingFetch, tokens })
  answers.push(async () => {
    tokens.forget()
    return Response.json(refusal('token_expired', 'after_auth'), { status: 401 })
  })
  answer({ total: 1 })
  await expect(api.call('GET /v1/badge', {})).rejects.toMatchObject({ code: 'token_expired' })
  expect(calls).toHaveLength(1)
})

test('requests that are refused at the same time share one new token', async () => {
  const tokens = vi.fn(async () => `token ${tokens.mock.calls.length}`)
  const api = apiOf(tokens)
  for (let count = 0; count < 3; count++) answer({ total: 0 })
  await Promise.all([1, 2, 3].map(() => api.call('GET /v1/badge', {})))
  expect(tokens).toHaveBeenCalledTimes(1)
})

test('a refusal keeps its code, advice and wait', async () => {
  answer({ error: { code: 'rate_limited', message: 'slow down', retry: 'later', retryAfterMs: 70 } }, 429)
  await expect(apiOf('secret').call('GET /v1/badge', {})).rejects.toMatchObject({
    code: 'rate_limited',
    retry: 'later',
    retryAfterMs: 70,
  } satisfies Partial<RequestError>)
})

test('what is no answer of the server is a fault that may be tried again', async () => {
  const api = apiOf('secret')
  answers.push(() => new Response('<html>Bad Gateway</html>', { status: 502 }))
  await expect(api.call('GET /v1/badge', {})).rejects.toMatchObject({ code: 'unavailable', retry: 'later' })
  answers.push(() => new Response('not JSON', { status: 200 }))
  await expect(api.call('GET /v1/badge', {})).rejects.toMatchObject({ code: 'unavailable' })
  answers.push(() => Promise.reject(new TypeError('fetch failed')))
  await expect(api.call('GET /v1/badge', {})).rejects.toMatchObject({ code: 'unavailable' })
})

test('an answer that does not come is given up, and no clock keeps running', async () => {
  const call = apiOf('secret').call('GET /v1/badge', {})
  const outcome = expect(call).rejects.toMatchObject({ code: 'timeout' })
  await vi.advanceTimersByTimeAsync(15_000)
  await outcome
  expect(vi.getTimerCount()).toBe(0)
})
