import { once } from 'node:events'
import net from 'node:net'
import { expect, test } from 'vitest'
import { tokenOf } from '../../test-support/host.ts'
import { startTally } from '../../test-support/test-tally.ts'

/** A server that waited for its clients would never stop; what it gives them is a few seconds. */
const STOPPED_WITHIN_MS = 30_000

const WEBSOCKET = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: tally',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')

/** A connection that said this much and never says more. */
async function stuck(url: string, said: string): Promise<net.Socket> {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(said)
  socket.on('error', () => {})
  return socket
}

test('a server stops within seconds, whatever its clients never finished', async () => {
  const tally = await startTally('pglite')
  const token = await tokenOf('kim')
  const post = `POST /v1/rooms HTTP/1.1\r\nHost: tally\r\nAuthorization: Bearer ${token}\r\n`
  const sockets = await Promise.all(
    [
      '',
      'GET /health',
      `${post}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"kind"`,
      WEBSOCKET,
      'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: tally\r\n\r\n',
    ].map((said) => stuck(tally.url, said)),
  )
  // The upgraded one has been answered, so all of them have arrived.
  await once(sockets[3]!, 'data')
  const startedAtMs = performance.now()
  const closed = sockets.map((socket) => once(socket, 'close'))
  for (const socket of sockets) socket.resume()
  await tally.stop()
  await Promise.all(closed)
  expect(performance.now() - startedAtMs).toBeLessThan(STOPPED_WITHIN_MS)
}, 60_000)
