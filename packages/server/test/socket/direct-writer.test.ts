import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { type Socket as ClientSocket, io as connect } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Connection } from '../../src/edges/socket/connection.ts'
import { DirectWriter } from '../../src/edges/socket/direct-writer.ts'

const WAIT = { timeout: 15_000 }
/** Around the sizes at which a frame's header grows, and text whose bytes are more than its characters. */
const TEXTS = [
  '',
  'a',
  'ü'.repeat(20),
  'x'.repeat(90),
  '한'.repeat(60),
  'y'.repeat(65_500),
  '💬'.repeat(20_000),
]

let http: HttpServer
let server: Server
let clients: ClientSocket[] = []
/** Everybody who connects; each event `write` is answered in the middle of what it makes the server write. */
const connections: Connection[] = []

beforeEach(async () => {
  http = createServer()
  server = new Server(http, { maxHttpBufferSize: 1_000_000 })
  server.on('connection', (socket) => {
    const limits = { highWaterBytes: 1e7, maxBufferedBytes: 1e7 }
    const from = { address: 'here', writer: new DirectWriter(socket.conn) }
    const connection = new Connection(socket, from, {
      ...limits,
      nowMs: () => performance.now(),
      onSlow: () => {},
    })
    connections.push(connection)
    socket.on('write', (texts: string[], acknowledge: (answer: object) => void) => {
      const half = texts.length >> 1
      for (const text of texts.slice(0, half)) tell(connection, text)
      connection.acknowledge(acknowledge, { text: 'acknowledged' })
      for (const text of texts.slice(half)) tell(connection, text)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
})

afterEach(async () => {
  for (const client of clients) client.disconnect()
  clients = []
  connections.length = 0
  await server.close()
})

function tell(connection: Connection, text: string): void {
  connection.send('auth-error', { message: text, code: 'internal' })
}

/** A client and everything it heard, in order: events and acknowledgements. */
async function open(transports: string[]) {
  const { port } = http.address() as AddressInfo
  const client = connect(`http://127.0.0.1:${port}`, { transports })
  clients.push(client)
  const heard: string[] = []
  client.on('auth-error', ({ message }: { message: string }) => heard.push(message))
  await once(client as never, 'connect')
  const write = (texts: readonly string[]): void => {
    client.emit('write', texts, ({ text }: { text: string }) => heard.push(text))
  }
  return { client, heard, write }
}

describe.each([['websocket'], ['polling']])('over %s', (transport) => {
  test('events of all sizes and acknowledgements arrive whole, in the order in which they were written', async () => {
    const { heard, write } = await open([transport])
    write(TEXTS)
    write(['one', 'two'])
    const half = TEXTS.length >> 1
    const expected = [
      ...TEXTS.slice(0, half),
      'acknowledged',
      ...TEXTS.slice(half),
      ...['one', 'acknowledged', 'two'],
    ]
    await vi.waitFor(() => expect(heard).toHaveLength(expected.length), WAIT)
    expect(heard).toEqual(expected)
  })
})

test('nothing is lost, doubled or overtaken while a connection changes from polling to websocket', async () => {
  const { client, heard } = await open(['polling', 'websocket'])
  const [connection] = connections
  let written = 0
  const writing = setInterval(() => {
    for (let burst = 0; burst < 3; burst += 1) tell(connection!, String(written++))
  }, 1)
  await vi.waitFor(() => expect(client.io.engine.transport.name).toBe('websocket'), WAIT)
  const afterUpgrade = written + 30
  await vi.waitFor(() => expect(written).toBeGreaterThan(afterUpgrade), WAIT)
  clearInterval(writing)
  await vi.waitFor(() => expect(heard).toHaveLength(written), WAIT)
  expect(heard).toEqual(Array.from({ length: written }, (_, index) => String(index)))
})

test('what one turn of the event loop writes leaves in one write', async () => {
  const { heard } = await open(['websocket'])
  const [connection] = connections
  const [socket] = [...server.sockets.sockets.values()]
  const net = (socket!.conn.transport as unknown as { socket: { _socket: import('node:net').Socket } }).socket
    ._socket
  const writes = vi.spyOn(net, '_writev' as never)
  for (let index = 0; index < 5; index += 1) tell(connection!, String(index))
  await vi.waitFor(() => expect(heard).toHaveLength(5), WAIT)
  expect(writes).toHaveBeenCalledTimes(1)
})

test('what no poll has fetched yet is counted as waiting, and nothing that was handed on', async () => {
  const { heard } = await open(['polling'])
  const [connection] = connections
  const text = '한'.repeat(1_000)
  for (let index = 0; index < 3; index += 1) tell(connection!, text)
  // The first one may have found a poll that was waiting for it.
  expect(connection!.bufferedBytes).toBeGreaterThan(2 * Buffer.byteLength(text))
  expect(connection!.bufferedBytes).toBeLessThan(4 * Buffer.byteLength(text))
  await vi.waitFor(() => expect(heard).toHaveLength(3), WAIT)
  expect(connection!.bufferedBytes).toBe(0)
  tell(connection!, text)
  await vi.waitFor(() => expect(heard).toHaveLength(4), WAIT)
  expect(connection!.bufferedBytes).toBe(0)
})

test('what was written before a connection is closed for good still arrives', async () => {
  const { client, heard } = await open(['websocket'])
  const [connection] = connections
  const gone = once(client as never, 'disconnect')
  tell(connection!, 'last words')
  connection!.closeForGood()
  await gone
  expect(heard).toEqual(['last words'])
})
