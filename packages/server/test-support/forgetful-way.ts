import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type ForgetfulWay = { port: number; forget: () => void; close: () => void }

/** A way to a server that may forget the connections it has, as a firewall does: what is sent on them goes nowhere. */
export async function forgetfulWay(port: number): Promise<ForgetfulWay> {
  const here = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const end of [near, far]) {
      here.add(end)
      end.on('error', () => end.destroy())
    }
    near.pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    forget: () => {
      for (const end of here) end.unpipe().pause()
    },
    close: () => {
      for (const end of here) end.destroy()
      server.close()
    },
  }
}
