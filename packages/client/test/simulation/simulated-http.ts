import {
  type ClientId,
  type Cursor,
  errorDetailOf,
  HEADERS,
  type Message,
  RequestError,
  type RoomId,
  type Seq,
  statusOf,
  type UserId,
} from '@tally/protocol'
import { userOfToken } from '../../src/token-claims.ts'
import type { SimulatedNetwork } from './simulated-network.ts'
import { readStateOf } from './simulated-rooms.ts'
import type { SimulatedServer } from './simulated-server.ts'

type Request = {
  method: string
  path: string
  headers: Record<string, string>
  userId: UserId
  roomId: RoomId
  rest: string
  url: URL
  body: Record<string, unknown>
}

/** The requests over HTTP that a client makes, answered by the simulated server. */
export function simulatedFetch(server: SimulatedServer, network: SimulatedNetwork): typeof fetch {
  return async (input, init) => {
    await wait(network.latencyMs())
    if (network.isDown) throw new TypeError('fetch failed')
    const answer = respond(server, parse(String(input), init))
    await wait(network.latencyMs())
    if (network.isDown) throw new TypeError('fetch failed')
    return answer
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function parse(input: string, init: RequestInit | undefined): Request {
  const url = new URL(input)
  const [, , , roomId = '', ...rest] = url.pathname.split('/')
  const headers = init?.headers as Record<string, string>
  return {
    method: init?.method ?? 'GET',
    path: url.pathname,
    headers,
    userId: userOf(headers['authorization']),
    roomId: decodeURIComponent(roomId) as RoomId,
    rest: rest.join('/'),
    url,
    body: typeof init?.body === 'string' ? JSON.parse(init.body) : {},
  }
}

function respond(server: SimulatedServer, request: Request): Response {
  try {
    if (request.path === '/v1/sync') return sync(server, request)
    if (request.path === '/v1/badge') return Response.json(server.badge(request.userId))
    if (request.method === 'POST' && request.rest === 'messages') return Response.json(send(server, request))
    return Response.json(handle(server, request))
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    return Response.json({ error: errorDetailOf(error) }, { status: statusOf(error) })
  }
}

/** What is stored already is answered to former members, too. */
function send(server: SimulatedServer, { userId, roomId, body }: Request): Message {
  if (server.isBusy) throw new RequestError('overloaded')
  const before = server.data.rooms.get(roomId)?.seq ?? 0
  const [text, clientId] = [body['text'] as string, body['clientId'] as ClientId]
  const message = server.data.send(userId, { roomId, text, clientId })
  if (message.seq > before) server.newMessage(message)
  return server.data.view(message, userId)
}

function handle(server: SimulatedServer, { method, userId, roomId, rest, url, body }: Request): unknown {
  const { room, member } = server.data.roomOf(userId, roomId)
  const number = (name: string): number | undefined => {
    const value = url.searchParams.get(name)
    return value === null ? undefined : Number(value)
  }
  switch (`${method} ${rest}`) {
    case 'GET ':
      return server.room(userId, room)
    case 'GET messages': {
      const [before, after] = [number('before'), number('after')]
      const query = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
      return server.page(userId, roomId, { ...query, limit: number('limit') ?? 20 })
    }
    case 'POST unread': {
      const marked = server.data.markUnread(userId, { roomId, fromSeq: Number(body['fromSeq'] as Seq) })
      server.endOpen(userId, roomId)
      server.publish([userId])
      return readStateOf(roomId, marked)
    }
    case 'POST read': {
      const read = { roomId, ...body } as { roomId: RoomId; upToSeq: number; readEpoch?: number }
      const reader = server.data.read(userId, read)
      server.publish([userId])
      return readStateOf(roomId, reader)
    }
    case 'POST typing':
      return { ok: true }
    case 'POST mute':
      member.muted = body['muted'] === true
      server.publish([userId])
      return { ok: true }
    default:
      throw new Error(`the simulation does not know ${method} ${rest}`)
  }
}

/** Unmoved is what the caller's etag and position say is all there is. */
function sync(server: SimulatedServer, { userId, url, headers }: Request): Response {
  const query = url.searchParams
  const since = query.get('since')
  const next = query.get('next') as Cursor | null
  const rooms = named(query.get('rooms')).map(([roomId, change]) => ({ roomId, change }))
  const [device, open] = [query.get('device'), query.get('open')]
  if (device !== null && open !== null)
    server.show(userId, { device, open: named(open).map(([roomId, readEpoch]) => ({ roomId, readEpoch })) })
  const rev = server.rev(userId)
  const heads = rooms.map(({ roomId }) => server.data.rooms.get(roomId)?.change ?? 0)
  const etag = `"${rev}-${rooms.map(({ roomId }, index) => `${roomId}:${heads[index]}`).join()}"`
  const hasMoved = Number(since) !== rev || rooms.some(({ change }, index) => (heads[index] ?? 0) > change)
  if (next === null && !hasMoved && headers['if-none-match'] === etag)
    return new Response(null, { status: 304, headers: { etag, [HEADERS.nextPollMs]: '1000' } })
  const answer = server.sync(userId, {
    rooms,
    ...(since === null ? {} : { since: Number(since) }),
    ...(next === null ? {} : { next }),
  })
  return Response.json(answer, { headers: { etag } })
}

function named(list: string | null): [roomId: RoomId, number: number][] {
  const entries = (list ?? '').split(',').filter((entry) => entry !== '')
  return entries.map((entry) => {
    const [roomId, number] = entry.split(':')
    return [decodeURIComponent(roomId!) as RoomId, Number(number)]
  })
}

/** Somebody whom the token names; nothing here checks it. */
function userOf(authorization: string | undefined): UserId {
  const user = userOfToken((authorization ?? '').replace('Bearer ', ''))
  if (user === undefined) throw new Error('a request without a person')
  return user.id
}
