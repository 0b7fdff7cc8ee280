import net from 'node:net'
import type { Rev } from '@tally/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import type { AppClient } from './app-client.ts'
import { useTally } from './running-tally.ts'

const rising = (revs: Rev[]) => revs.every((rev, index) => index === 0 || rev > (revs[index - 1] ?? 0))

describe.each(['pglite', 'postgres'] as const)('badges of a burst, on %s', (kind) => {
  const tally = useTally(kind, { TALLY_SENDS_PER_SECOND: '1000', TALLY_SEND_BURST: '1000' })
  afterEach(() => tally().closeClients())

  test('100 messages in 100 ms: the first badge at once, a handful of frames, the last one exact', async () => {
    const roomId = await tally().room('a', 'b')
    const [a, b] = [await tally().signIn('a'), await tally().signIn('b')]
    // Once before, so that nothing has to be looked up for the first time.
    await a.call('send-message', { roomId, message: 'warm' })
    await b.next('total-unread-count-updated')
    await quiet(b)
    b.forget()

    const startedAtMs = performance.now()
    const first = b.next('total-unread-count-updated').then(() => performance.now() - startedAtMs)
    const sends: Promise<unknown>[] = []
    for (let n = 0; n < 100; n += 1) {
      sends.push(a.call('send-message', { roomId, message: `${n}` }))
      await untilMs(startedAtMs + n)
    }
    await Promise.all(sends)
    const last = await b.next('total-unread-count-updated', (badge) => badge.totalUnreadCount === 101)
    const totals = b.all('total-unread-count-updated')
    expect(await first).toBeLessThan(40)
    expect(totals.length).toBeLessThanOrEqual(6)
    expect(last).toMatchObject({ totalUnreadCount: 101, unreadRooms: 1 })
    expect(rising(totals.map(({ rev }) => rev))).toBe(true)
    expect(rising(b.all('chat-room-updated').map(({ rev }) => rev))).toBe(true)
    expect(b.all('chat-room-updated').at(-1)).toMatchObject({ unread_count: 101, last_message: '99' })
  })

  test('at every rev a device sees, the rows it got add up to the total', async () => {
    const rooms = [await tally().room('c', 'd'), await tally().room('c', 'd'), await tally().room('c', 'd')]
    const [c, d] = [await tally().signIn('c'), await tally().signIn('d')]
    const rows = new Map<string, number>()
    const sums: [number, number][] = []
    d.socket.on('chat-room-updated', ({ roomId, unread_count }) => rows.set(roomId, unread_count))
    d.socket.on('total-unread-count-updated', ({ totalUnreadCount }) => {
      sums.push([totalUnreadCount, [...rows.values()].reduce((sum, count) => sum + count, 0)])
    })
    const sends = Array.from({ length: 60 }, (_, n) =>
      c.call('send-message', { roomId: rooms[n % 3], message: `${n}` }),
    )
    await d.next('total-unread-count-updated')
    await d.call('mark-read', { roomId: rooms[0] })
    await Promise.all(sends)
    await d.call('mark-read', { roomId: rooms[1] })
    await quiet(d)
    expect(sums.length).toBeGreaterThan(1)
    for (const [total, sum] of sums) expect(sum).toBe(total)
  })

  test('reading is never delayed, on all of the person’s devices', async () => {
    const roomId = await tally().room('e', 'f')
    const e = await tally().signIn('e')
    const [phone, laptop] = [await tally().signIn('f'), await tally().signIn('f')]
    for (let n = 0; n < 5; n += 1) await e.call('send-message', { roomId, message: `${n}` })
    await quiet(laptop)
    const startedAtMs = performance.now()
    phone.emit('mark-read', { roomId })
    await laptop.next('total-unread-count-updated', (badge) => badge.totalUnreadCount === 0)
    expect(performance.now() - startedAtMs).toBeLessThan(40)
    expect(laptop.all('chat-room-updated').at(-1)).toMatchObject({ unread_count: 0 })
  })
})

describe('a reader that stopped reading', () => {
  const tally = useTally('pglite', {
    TALLY_SENDS_PER_SECOND: '100000',
    TALLY_SEND_BURST: '100000',
    TALLY_SOCKET_BUFFER_BYTES: '262144',
  })
  afterEach(() => tally().closeClients())

  test('is closed once too much waits for it, and everybody else goes on', async () => {
    const roomId = await tally().room('a', 'b')
    const a = await tally().signIn('a')
    const slow = await stoppedReader(tally().url, await tally().token('b'), roomId)
    const text = 'x'.repeat(4_000)
    let isGone = false
    const gone = slow.closed.then(() => {
      isGone = true
    })
    for (let n = 0; n < 100 && !isGone; n += 1) {
      await Promise.all(Array.from({ length: 50 }, () => a.call('send-message', { roomId, message: text })))
      if (tally().log.some((line) => line.includes('does not read'))) break
    }
    slow.resume()
    await gone
    expect(tally().log.some((line) => line.includes('closed a socket that does not read'))).toBe(true)
    await a.settled()
  })
})

/** Everything that was under way has arrived. */
async function quiet(client: AppClient): Promise<void> {
  await client.settled()
  await client.settled()
}

function untilMs(momentMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, momentMs - performance.now())))
}

/** Joins the room over a bare websocket, and then takes nothing more from the wire. */
async function stoppedReader(url: string, token: string, roomId: string) {
  const { host, hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  const say = (packet: string) => {
    const body = Buffer.from(packet)
    const length =
      body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255]
    socket.write(Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), body]))
  }
  const heard = (text: string) =>
    new Promise<void>((resolve) => {
      const listen = (data: Buffer) => {
        if (!data.toString('latin1').includes(text)) return
        socket.off('data', listen)
        resolve()
      }
      socket.on('data', listen)
    })
  const lines = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ]
  socket.write(lines.join('\r\n'))
  await heard('pingInterval')
  say(`40${JSON.stringify({ token })}`)
  say(`42${JSON.stringify(['join-room', { roomId }])}`)
  await heard('joined-room')
  socket.pause()
  return { closed, resume: () => socket.resume() }
}
