import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, inject, test } from 'vitest'
import { ProbeConnection } from '../../src/store/probe-connection.ts'

/** As in the product: time enough for the second connection, whatever else the machine does. */
const FAILS_AFTER_MS = 5_000

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close()
})

/** A way to the database on which the first connection gets no answer. */
async function wayThatHangsOnce() {
  const url = new URL(inject('postgresUrl'))
  const { hostname, port } = url
  const taken: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    closing.push(() => socket.destroy())
    if (taken.push(socket) === 1) return
    const onward = connect(Number(port), hostname)
    onward.on('error', () => {})
    closing.push(() => onward.destroy())
    socket.pipe(onward).pipe(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => server.close())
  url.port = String((server.address() as AddressInfo).port)
  return { connectionString: url.href, taken, accepted: () => once(server, 'connection') }
}

test('a question that was given up and fails late does not take the next one along', async () => {
  const { connectionString, taken, accepted } = await wayThatHangsOnce()
  const probe = new ProbeConnection({ connectionString, connectionTimeoutMillis: FAILS_AFTER_MS })
  closing.push(() => probe.drop())
  const hanging = accepted()
  const first = probe.ask()
  const failed = expect(first).rejects.toThrow()
  await hanging
  probe.drop()

  await probe.ask()
  await failed
  await probe.ask()
  expect(taken).toHaveLength(2)
})
