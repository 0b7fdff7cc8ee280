import { RequestError, type RoomId, type Seq, type UserId } from '@tally/protocol'
import type { SimulatedNetwork } from './simulated-network.ts'
import { readStateOf } from './simulated-rooms.ts'
import type { SimulatedServer } from './simulated-server.ts'

type Request = {
  method: string
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
    userId: (headers['authorization'] ?? '').replace('Bearer ', '') as UserId,
    roomId: decodeURIComponent(roomId) as RoomId,
    rest: rest.join('/'),
    url,
    body: typeof init?.body === 'string' ? JSON.parse(init.body) : {},
  }
}

function respond(server: SimulatedServer, request: Request): Response {
  try {
    return Response.json(handle(server, request))
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    return Response.json({ error: error.toJSON() }, { status: error.status })
  }
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
      for (const connection of server.connections)
        if (connection.userId === userId) connection.endOpen(roomId)
      server.publish([userId])
      return readStateOf(roomId, marked)
    }
    case 'POST mute':
      member.muted = body['muted'] === true
      server.publish([userId])
      return { ok: true }
    default:
      throw new Error(`the simulation does not know ${method} ${rest}`)
  }
}
