import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import { type AddressInfo, createConnection, type Socket as NetSocket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Server, type Socket } from 'socket.io'
import { type Socket as ClientSocket, io as connect } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { trimConnection } from '../../src/edges/socket/trim-connection.ts'

const WAIT = { timeout: 15_000 }

let http: HttpServer
let server: Server
let clients: ClientSocket[] = []
let sockets: Socket[] = []
/** Why each connection ended, as the server was told. */
let ends: string[] = []
let trims = true

beforeEach(async () => {
  trims = true
  http = createServer()
  server = new Server(http, { pingInterval: 100, pingTimeout: 15_000, maxHttpBufferSize: 10_000 })
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('say', (text: string) => socket.emit('said', text))
    socket.on('disconnect', (reason) => ends.push(reason))
    if (trims) trimConnection(socket)
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
})

afterEach(async () => {
  for (const client of clients) client.disconnect()
  ;[clients, sockets, ends] = [[], [], []]
  await server.close()
})

const port = (): number => (http.address() as AddressInfo).port

async function open(transports: string[]): Promise<ClientSocket> {
  const client = connect(`http://127.0.0.1:${port()}`, { transports, reconnection: false, forceNew: true })
  clients.push(client)
  await once(client as never, 'connect')
  await vi.waitFor(() => expect(sockets).toHaveLength(clients.length), WAIT)
  return client
}

describe.each([[['websocket']], [['polling']], [['polling', 'websocket']]])('over %s', (transports) => {
  test('events pass, heartbeats pass, and an end is told once', async () => {
    const client = await open(transports)
    const heard: string[] = []
    client.on('said', (text: string) => heard.push(text))
    const beats = vi.fn()
    sockets[0]!.conn.on('heartbeat', beats)
    for (const text of ['one', 'two', 'three']) client.emit('say', text)
    await vi.waitFor(() => expect(heard).toEqual(['one', 'two', 'three']), WAIT)
    await vi.waitFor(() => expect(beats.mock.calls.length).toBeGreaterThan(1), WAIT)
    await vi.waitFor(() => expect(sockets[0]!.conn.transport.name).toBe(transports.at(-1)), WAIT)
    client.emit('say', 'after all')
    await vi.waitFor(() => expect(heard).toContain('after all'), WAIT)
    client.disconnect()
    await vi.waitFor(() => expect(ends).toEqual(['client namespace disconnect']), WAIT)
  })

  test('the server ends it, and the client is told', async () => {
    const client = await open(transports)
    const gone = once(client as never, 'disconnect')
    sockets[0]!.disconnect(true)
    expect(await gone).toContain('io server disconnect')
    await vi.waitFor(() => expect(ends).toEqual(['server namespace disconnect']), WAIT)
  })
})

test('a frame that is too large ends the connection, not the server', async () => {
  const client = await open(['websocket'])
  client.emit('say', 'x'.repeat(20_000))
  await vi.waitFor(() => expect(ends).toEqual(['transport error']), WAIT)
})

test('a connection takes about a thousand bytes less', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const bytesEach = async (count: number): Promise<number> => {
    const known = sockets.length
    gc()
    const before = process.memoryUsage().heapUsed
    const raw: NetSocket[] = []
    for (let index = 0; index < count; index += 1) raw.push(await openRaw())
    await vi.waitFor(() => expect(sockets).toHaveLength(known + count), WAIT)
    gc()
    const bytes = process.memoryUsage().heapUsed - before
    for (const socket of raw) socket.destroy()
    await vi.waitFor(() => expect(ends).toHaveLength(known + count), WAIT)
    return bytes / count
  }
  // In turns, and the least of each: what else a process remembers meanwhile only adds.
  const [untrimmed, trimmed]: [number[], number[]] = [[], []]
  for (let round = 0; round < 4; round += 1) {
    for (trims of [false, true]) (trims ? trimmed : untrimmed).push(await bytesEach(150))
  }
  expect(Math.min(...untrimmed) - Math.min(...trimmed)).toBeGreaterThan(700)
})

/** A websocket that joined the namespace, with nothing of a client library around it. */
async function openRaw(): Promise<NetSocket> {
  const socket = createConnection(port(), '127.0.0.1')
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  )
  let heard = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    heard += String(chunk)
    // The connection's first packet: it may join now, with a masked text frame of `40`.
    if (heard.includes('"sid"')) break
  }
  socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]))
  socket.resume()
  return socket
}
