import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  ChannelPollQuery,
  CreateApplicationRoomBody,
  type Endpoint,
  type EndpointRequest,
  type EndpointResponse,
  endpointUrl,
  HistoryQuery,
  MemberParams,
  type Message,
  MessageParams,
  MessagesQuery,
  mobileEndpoints,
  PageQuery,
  v1,
  webAppEndpoints,
} from '../src/index.ts'

const all: Endpoint[] = [v1, mobileEndpoints, webAppEndpoints].flatMap((set) => Object.values<Endpoint>(set))
const lines = (set: Record<string, Endpoint>) =>
  Object.values(set).map(({ method, path, auth }) => `${method} ${path} ${auth}`)
const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('the endpoints', () => {
  test('of installed clients are exactly these', () => {
    expect([...lines(mobileEndpoints), ...lines(webAppEndpoints)]).toEqual([
      'POST /api/chat/create-room user',
      'GET /api/chat/find-existing-room user',
      'GET /api/chat/user/rooms user',
      'GET /api/chat/company/rooms user',
      'GET /api/chat/room/:roomId user',
      'GET /api/chat/room/:roomId/messages user',
      'PATCH /api/chat/room/:roomId/read user',
      'GET /api/chat/unread-count user',
      'GET /api/chat/:channelId/messages user',
      'POST /api/chat/:channelId/messages user',
      'GET /api/notifications/unread user',
    ])
  })

  test('of the native API are exactly these', () => {
    expect(lines(v1).sort()).toEqual([
      'DELETE /v1/attachments/:attachmentId user',
      'DELETE /v1/devices/:deviceId user',
      'DELETE /v1/rooms/:roomId user_or_server',
      'DELETE /v1/rooms/:roomId/members/:userId user_or_server',
      'DELETE /v1/rooms/:roomId/messages/:seq user_or_server',
      'DELETE /v1/users/:userId server',
      'DELETE /v1/users/me user',
      'GET /api/health none',
      'GET /dev/people none',
      'GET /health/live none',
      'GET /health/ready none',
      'GET /v1/attachments/:attachmentId user',
      'GET /v1/attachments/:attachmentId/content user',
      'GET /v1/badge user',
      'GET /v1/badge/explain user_or_server',
      'GET /v1/blocks user',
      'GET /v1/devices user',
      'GET /v1/notifications user',
      'GET /v1/preferences user',
      'GET /v1/reports server',
      'GET /v1/rooms user',
      'GET /v1/rooms/:roomId user_or_server',
      'GET /v1/rooms/:roomId/members user_or_server',
      'GET /v1/rooms/:roomId/messages user',
      'GET /v1/rooms/:roomId/messages/:seq user',
      'GET /v1/search user',
      'GET /v1/sync user',
      'GET /v1/users/:userId/export server',
      'GET /v1/users/me/export user',
      'PATCH /v1/attachments/:attachmentId user',
      'PATCH /v1/rooms/:roomId user_or_server',
      'PATCH /v1/rooms/:roomId/messages/:seq user',
      'POST /dev/login none',
      'POST /v1/attachments user',
      'POST /v1/delivered user',
      'POST /v1/notifications server',
      'POST /v1/notifications/archive user',
      'POST /v1/notifications/read user',
      'POST /v1/notifications/seen user',
      'POST /v1/read-all user',
      'POST /v1/reports user',
      'POST /v1/reports/:reportId/resolve server',
      'POST /v1/rooms user_or_server',
      'POST /v1/rooms/:roomId/archive user',
      'POST /v1/rooms/:roomId/members user_or_server',
      'POST /v1/rooms/:roomId/messages user',
      'POST /v1/rooms/:roomId/mute user',
      'POST /v1/rooms/:roomId/reactions user',
      'POST /v1/rooms/:roomId/read user',
      'POST /v1/rooms/:roomId/system-messages server',
      'POST /v1/rooms/:roomId/typing user',
      'POST /v1/rooms/:roomId/unread user',
      'POST /v1/sessions/revoke server',
      'PUT /v1/blocks user',
      'PUT /v1/devices/:deviceId user',
      'PUT /v1/preferences user',
      'PUT /v1/users/:userId server',
    ])
  })

  test('share no address', () => {
    const addresses = all.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`)
    expect(new Set(addresses).size).toBe(addresses.length)
  })

  test('name in their path exactly what they parse', () => {
    for (const { path, params } of all) {
      const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1])
      const values = Object.fromEntries(names.map((name) => [name, '12345678']))
      expect(Object.keys((params?.parse(values) ?? {}) as object), path).toEqual(names)
    }
  })
})

describe('the address of a call', () => {
  test('is encoded', () => {
    const params = { roomId: 'a/b?c#d', userId: '김' }
    expect(endpointUrl(v1.removeMember, { params })).toBe('/v1/rooms/a%2Fb%3Fc%23d/members/%EA%B9%80')
  })

  test('carries the query that is there', () => {
    const params = { roomId: 'r1' }
    expect(endpointUrl(v1.listMessages, { params, query: { before: 5, after: undefined, limit: 50 } })).toBe(
      '/v1/rooms/r1/messages?before=5&limit=50',
    )
    expect(endpointUrl(v1.listRooms, { query: { cursor: undefined } })).toBe('/v1/rooms')
  })

  test('is refused without its parameters', () => {
    expect(() => endpointUrl(v1.readRoom)).toThrow('roomId')
  })
})

describe('a page', () => {
  test.each([
    ['its default', {}, 20],
    ['what was asked', { limit: '50' }, 50],
    ['the most', { limit: 100 }, 100],
  ])('has %s', (_, query, limit) => expect(PageQuery.parse(query).limit).toBe(limit))

  test.each(['0', '101', '-1', '1.5', 'abc', '', ' 5', '1e2', '99999999999999999999', ['1', '2']])(
    'is never %j long',
    (limit) => expect(accepts(PageQuery, { limit })).toBe(false),
  )

  test('of messages has one direction', () => {
    expect(MessagesQuery.parse({ before: '9' })).toEqual({ before: 9, limit: 20 })
    expect(accepts(MessagesQuery, { before: '9', after: '3' })).toBe(false)
  })

  test('of an installed app is cut to the limit, and unknown fields beside it are ignored', () => {
    expect(HistoryQuery.parse({ limit: '1000', page: '0' })).toEqual({ limit: 100 })
    expect(HistoryQuery.parse({ limit: '0' })).toEqual({ limit: 1 })
    expect(HistoryQuery.parse({})).toEqual({ limit: 20 })
    expect(HistoryQuery.parse({ before: '' })).toEqual({ limit: 20 })
    expect(HistoryQuery.parse({ before: '2025-01-31T09:00:00.123456Z' })).toEqual({
      limit: 20,
      before: '2025-01-31T09:00:00.123456Z',
    })
    expect(accepts(HistoryQuery, { limit: 'many' })).toBe(false)
    expect(accepts(HistoryQuery, { before: 'yesterday' })).toBe(false)
  })

  test('of a poll starts at the newest when after is empty', () => {
    expect(ChannelPollQuery.parse({ after: '' })).toEqual({})
    expect(ChannelPollQuery.parse({ after: 'm1' })).toEqual({ after: 'm1' })
  })
})

test('places in a path are whole numbers', () => {
  expect(MessageParams.parse({ roomId: 'r1', seq: '12' })).toEqual({ roomId: 'r1', seq: 12 })
  for (const seq of ['-1', '1.5', 'NaN', '9007199254740992', '1e1', ''])
    expect(accepts(MessageParams, { roomId: 'r1', seq })).toBe(false)
})

test('a member is named by id, or as the caller', () => {
  expect(MemberParams.parse({ roomId: 'r1', userId: 'me' }).userId).toBe('me')
  expect(MemberParams.parse({ roomId: 'r1', userId: 'u1' }).userId).toBe('u1')
})

test('a room of an application needs no job posting', () => {
  const body = { application_id: 'a1', user_id: 'u1', company_id: 'c1' }
  expect(CreateApplicationRoomBody.parse(body)).toEqual(body)
  expect(CreateApplicationRoomBody.parse({ ...body, job_posting_id: null })).toEqual({
    ...body,
    job_posting_id: null,
  })
  expect(accepts(CreateApplicationRoomBody, { ...body, company_id: '' })).toBe(false)
})

test('calls are typed by their endpoint', () => {
  expectTypeOf<EndpointRequest<typeof v1.listRooms>>().toExtend<{ query?: { cursor?: string | undefined } }>()
  expectTypeOf<EndpointRequest<typeof v1.muteRoom>['body']>().toEqualTypeOf<{ muted: boolean }>()
  expectTypeOf<EndpointRequest<typeof v1.readBadge>['body']>().toEqualTypeOf<undefined>()
  expectTypeOf<EndpointResponse<typeof v1.sendMessage>>().toEqualTypeOf<Message>()
})
