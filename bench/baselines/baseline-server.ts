import { createSecretKey } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { jwtVerify } from 'jose'
import { Server, type Socket } from 'socket.io'

/** A message as installed apps send it. */
export type Send = { roomId: string; message: string; clientId?: string }

export type BaselineRoom = { roomId: string; userIds: string[] }

/** What tells one idea from another; everything around it is the same for all of them. */
export type Baseline = {
  name: string
  createRooms: (rooms: readonly BaselineRoom[]) => Promise<void>
  /** What clients may ask: whatever it returns is in the answer, and what it throws refuses. */
  events: Record<string, (caller: { userId: string; socket: Socket }, payload: never) => Promise<object>>
}

type Answer = (result: object) => void

/**
 * Socket.IO, tokens, and a door for the bench to make rooms through. It speaks the part of the protocol that the loads
 * use, so that one generator drives all contestants. Everybody's sockets are in a room named like them.
 */
export async function serveBaseline(make: (io: Server) => Baseline | Promise<Baseline>): Promise<void> {
  const http = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/rooms') {
      response.end('{"status":"ready"}')
      return
    }
    readJson<BaselineRoom[]>(request)
      .then((rooms) => baseline.createRooms(rooms))
      .then(
        () => response.end('{}'),
        (error: Error) => response.writeHead(500).end(error.message),
      )
  })
  const io = new Server(http, { perMessageDeflate: false, maxHttpBufferSize: 65_536 })
  const baseline = await make(io)
  const secret = createSecretKey(Buffer.from(required('JWT_SECRET')))
  io.on('connection', (socket) => {
    let userId = ''
    socket.on('authenticate', (token: string) => {
      void jwtVerify(token, secret, { algorithms: ['HS256'] }).then(async ({ payload }) => {
        userId = String(payload.sub)
        await socket.join(userId)
        socket.emit('authenticated', { success: true })
      })
    })
    for (const [event, handle] of Object.entries(baseline.events)) {
      socket.on(event, (payload: unknown, answer?: Answer) => {
        handle({ userId, socket }, payload as never).then(
          (result) => answer?.({ ok: true, ...result }),
          () => answer?.({ ok: false, error: { code: 'unavailable' } }),
        )
      })
    }
  })
  http.listen(Number(required('PORT')), '127.0.0.1', () => {
    const { port } = http.address() as AddressInfo
    console.log(`${baseline.name} is ready at http://127.0.0.1:${port} `)
  })
  process.once('SIGTERM', () => process.exit(0))
}

export function required(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} must be set`)
  return value
}

async function readJson<T>(request: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as T
}
