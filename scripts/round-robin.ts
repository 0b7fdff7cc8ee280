import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'

/** A load balancer without stickiness: every new connection goes to the next server in turn. */
export interface RoundRobin {
  /** Where it listens on this machine. */
  port: number
  /** The servers from now on; connections to others go on until they end by themselves. */
  setPorts(ports: readonly number[]): void
  close(): Promise<void>
}

/** Passes connections on to servers of this machine, each to the next one that takes it. */
export async function startRoundRobin(ports: readonly number[]): Promise<RoundRobin> {
  let targets = ports
  let turns = 0
  const clients = new Set<Socket>()
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, async (client) => {
    clients.add(client)
    client.once('close', () => clients.delete(client))
    client.on('error', () => {})
    for (let tried = 0; tried < targets.length; tried += 1) {
      const port = targets[turns++ % targets.length]
      const server = port === undefined ? undefined : await connected(port)
      if (server === undefined) continue
      pipeline(client, server, client, () => {
        client.destroy()
        server.destroy()
      })
      return
    }
    client.destroy()
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('the balancer listens on no port')
  return {
    port: address.port,
    setPorts(next) {
      targets = next
    },
    async close() {
      listener.close()
      for (const client of clients) client.destroy()
      await once(listener, 'close')
    },
  }
}

/** `undefined` when nobody takes the connection. */
function connected(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    server.once('connect', () => resolve(server))
    server.once('error', () => resolve(undefined))
  })
}
