import net from 'node:net'
import type { Rev } from '@tally/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import type { AppClient } from '../../test-support/app-client.ts'
import { useTally } from '../../test-support/test-tally.ts'

const rising = (revs: Rev[]) => revs.every((rev, index) => index === 0 || rev > (revs[index - 1] ?? 0))

describe.each(['pglite', 'postgres'] as const)('badges of a burst, on %s', (kind) => {
  const tally = useTally(kind, { TALLY_SENDS_PER_SECOND: '1000', TALLY_SEND_BURST: '1000' })
  afterEach(() => tally().closeClients())

  test('100 messages in 100 ms: a handful of frames, revs that rise, the last one exact', async () => {
    const roomId = await tally().room('a', 'b')
    const [a, b] = [await tally().signIn('a'), await tally().signIn('b')]
    b.forget()
    const startedAtMs = performance.now()
    const sends: Promise<unknown>[] = []
    for (let n = 0; n < 100; n += 1) {
      sends.push(a.call('send-message', { roomId, message: `${n}` }))
      await untilMs(startedAtMs + n)
    }
    await Promise.all(sends)
    const last = await b.next('total-unread-count-updated', (badge) => badge.totalUnreadCount === 100)
    const tookMs = performance.now() - startedAtMs
    const totals = b.all('total-unread-count-updated')
    // One at once and one per 40 ms: on a machine that takes its 100 ms these are 4.
    expect(totals.length).toBeLessThanOrEqual(Math.max(6, 2 + tookMs / 40))
    expect(last).toMatchObject({ totalUnreadCount: 100, unreadRooms: 1 })
    expect(rising(totals.map(({ rev }) => rev))).toBe(true)
    expect(rising(b.all('chat-room-updated').map(({ rev }) => rev))).toBe(true)
    expect(b.all('chat-room-updated').at(-1)).toMatchObject({ unread_count: 100, last_message: '99' })
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
})

describe('with a delay that nobody could overlook', () => {
  /** Longer than twenty messages take on a machine that has other things to do. */
  const DELAY_MS = 5_000
  const tally = useTally('pglite', { BADGE_DEBOUNCE_DELAY: String(DELAY_MS) })
  afterEach(() => tally().closeClients())

  test('the first of a burst leaves at once, the rest as one, and reading does not wait for it', async () => {
    const roomId = await tally().room('a', 'b')
    const a = await tally().signIn('a')
    const [phone, laptop] = [await tally().signIn('b'), await tally().signIn('b')]
    for (const client of [phone, laptop]) client.forget()
    const startedAtMs = performance.now()
    for (let n = 1; n <= 20; n += 1) await a.call('send-message', { roomId, message: `${n}` })
    expect(await phone.next('total-unread-count-updated')).toMatchObject({ totalUnreadCount: 1 })
    expect(performance.now() - startedAtMs).toBeLessThan(DELAY_MS)
    expect(await phone.next('total-unread-count-updated')).toMatchObject({ totalUnreadCount: 20 })
    expect(performance.now() - startedAtMs).toBeGreaterThan(DELAY_MS - 100)

    await a.call('send-message', { roomId, message: 'one more' })
    phone.emit('mark-read', { roomId, upToSeq: 15 })
    expect(
      await laptop.next('total-unread-count-updated', (badge) => badge.totalUnreadCount === 6),
    ).toBeDefined()
    expect(laptop.all('chat-room-updated').map(({ unread_count }) => unread_count)).toEqual([1, 20, 6])
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
