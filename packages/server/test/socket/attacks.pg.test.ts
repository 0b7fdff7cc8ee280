import net from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { useTally } from './running-tally.ts'

const ALLOWED = 'https://app.example.com'
const HANDSHAKE = '/socket.io/?EIO=4&transport=websocket'

const tally = useTally('pglite', {
  ALLOWED_ORIGINS: ALLOWED,
  TALLY_CONNECTIONS_PER_ADDRESS: '200',
  TALLY_CONNECTIONS_PER_SECOND: '10000',
  TALLY_SENDS_PER_SECOND: '20',
  TALLY_SEND_BURST: '60',
  TALLY_OPEN_ROOMS_PER_CONNECTION: '10',
})
afterEach(() => tally().closeClients())

/** The server goes on: somebody new signs in and talks. */
async function expectAlive(): Promise<void> {
  const roomId = await tally().room('alive', 'other')
  const client = await tally().signIn('alive')
  expect(await client.call('send-message', { roomId, message: 'still here' })).toMatchObject({ ok: true })
  client.close()
}

/** What a websocket handshake with this Origin is answered with: 101, or the status of its refusal. */
function handshake(origin: string | undefined): Promise<string> {
  const { host, hostname, port } = new URL(tally().url)
  const socket = net.connect(Number(port), hostname)
  socket.write(
    [
      `GET ${HANDSHAKE} HTTP/1.1`,
      `Host: ${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...(origin === undefined ? [] : [`Origin: ${origin}`]),
      '\r\n',
    ].join('\r\n'),
  )
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString().split(' ')[1] ?? '')
    })
    socket.once('error', reject)
  })
}

/** A websocket without Socket.IO around it, for packets that no client would make. */
async function rawSocket(): Promise<WebSocket> {
  const socket = new WebSocket(`${tally().url.replace('http', 'ws')}${HANDSHAKE}`)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', reject, { once: true })
  })
  return socket
}

function closed(socket: WebSocket): Promise<CloseEvent> {
  return new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }))
}

describe('the Origin of a websocket upgrade', () => {
  test.each([
    ['a foreign origin', 'https://evil.example', '400'],
    ['a null origin', 'null', '400'],
    ['an allowed origin as a prefix', `${ALLOWED}.evil.example`, '400'],
    ['an allowed origin as a suffix', 'https://evilapp.example.com', '400'],
    ['an allowed host over another scheme', 'http://app.example.com', '400'],
    ['an allowed origin', ALLOWED, '101'],
    ['no origin, as a native app', undefined, '101'],
  ])('%s', async (_, origin, status) => {
    expect(await handshake(origin)).toBe(status)
  })

  test('the server’s own page and React Native, which names the server itself', async () => {
    expect(await handshake(tally().url)).toBe('101')
  })

  test('polling from a foreign origin is refused, and no page may read the answer', async () => {
    const poll = (origin: string) =>
      fetch(`${tally().url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } })
    const foreign = await poll('https://evil.example')
    expect(foreign.status).toBe(403)
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
    const allowed = await poll(ALLOWED)
    expect(allowed.status).toBe(200)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ALLOWED)
  })
})

describe('packets that are no packets', () => {
  test('a frame over the limit ends the connection; one within it is answered', async () => {
    const client = await tally().signIn('a')
    const within = await client.refused('send-message', { roomId: 'x', message: 'x'.repeat(60_000) })
    expect(within).toMatchObject({ code: 'message_too_long' })
    client.emit('send-message', { roomId: 'x', message: 'x'.repeat(65_536) })
    expect(await client.next('disconnect')).toBe('transport close')
    await expectAlive()
  })

  test('fragments without end are cut off at the limit of a frame', async () => {
    const { host, hostname, port } = new URL(tally().url)
    const socket = net.connect(Number(port), hostname)
    socket.on('error', () => {})
    const closes = new Promise((resolve) => socket.once('close', resolve))
    const lines = [
      `GET ${HANDSHAKE} HTTP/1.1`,
      `Host: ${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ]
    socket.write(lines.join('\r\n'))
    await new Promise((resolve) => socket.once('data', resolve))
    const fragment = (opcode: number) => {
      const header = Buffer.from([opcode, 0x80 | 126, 0x40, 0, 0, 0, 0, 0])
      return Buffer.concat([header, Buffer.alloc(0x4000, 'x')])
    }
    socket.write(fragment(0x01))
    for (let n = 0; n < 8; n += 1) socket.write(fragment(0x00))
    await closes
    await expectAlive()
  })

  test.each([
    ['an event of a reserved name', '42["disconnect"]'],
    ['an event that is no list', '42{"a":1}'],
    ['too many attachments', '4511-["a",{"_placeholder":true,"num":0}]'],
    ['attachments without end', '459999999999-["a"]'],
    ['a binary event whose attachment never comes, and then text', '451-["a",{"_placeholder":true,"num":0}]'],
    ['a nesting that is 20,000 deep', `42${'['.repeat(20_000)}`],
    ['an unknown packet type', '49'],
    ['JSON that is none', '42["a",'],
    ['an acknowledgement nobody asked for, malformed', '430'],
  ])('%s ends its own connection only', async (_, packet) => {
    const bystander = await tally().signIn('a')
    const socket = await rawSocket()
    const closing = closed(socket)
    socket.send('40')
    socket.send(packet)
    socket.send('42["x"]')
    await closing
    await bystander.settled()
  })

  test.each([
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    'toString',
    'error',
    'newEvent',
    '',
    'connection',
  ])('an event named %j is refused like any other unknown one', async (name) => {
    const client = await tally().signIn('a')
    expect(await client.refused(name, { __proto__: { polluted: true } })).toMatchObject({
      code: 'invalid_request',
    })
    client.emit(name)
    expect(await client.next('error')).toMatchObject({ code: 'invalid_request' })
    await client.settled()
  })

  test('the feed of notifications is no room to talk in or to listen to', async () => {
    const client = await tally().signIn('a')
    for (const roomId of ['feed:a', 'feed:b']) {
      expect(await client.refused('send-message', { roomId, message: 'x' })).toMatchObject({
        code: 'room_not_found',
      })
      expect(await client.refused('join-room', { roomId })).toMatchObject({ code: 'room_not_found' })
      expect(await client.refused('typing', { roomId, typing: true })).toMatchObject({
        code: 'room_not_found',
      })
    }
  })

  test('a payload that would change a prototype changes none', async () => {
    const socket = await rawSocket()
    const answered = (beginning: string) =>
      new Promise<void>((resolve) => {
        socket.addEventListener('message', ({ data }) => String(data).startsWith(beginning) && resolve())
      })
    const pollution = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}'
    const connected = answered('40')
    socket.send(`40{"token":"${await tally().token('a')}",${pollution}}`)
    await connected
    const refused = answered('431')
    socket.send(`421["join-room",{"roomId":"x",${pollution}}]`)
    await refused
    socket.close()
    expect({}).not.toHaveProperty('polluted')
  })

  test('introducing itself a thousand times makes one session', async () => {
    const socket = await rawSocket()
    const closing = closed(socket)
    for (let n = 0; n < 1_000; n += 1) socket.send('40{"token":"x"}')
    await closing
    await expectAlive()
  })

  test('fuzzed packets of both protocols never end the process', async () => {
    const valid = fc.constantFrom(
      '40',
      '40{"token":"x"}',
      '41',
      '42["join-room",{"roomId":"x"}]',
      '420["send-message",{"roomId":"x","message":"y"}]',
      '451-["a",{"_placeholder":true,"num":0}]',
      '2probe',
      '3',
      '5',
      '1',
    )
    const mutated = fc
      .tuple(valid, fc.nat(), fc.string({ unit: 'binary', maxLength: 4 }))
      .map(([packet, at, text]) => {
        const place = at % (packet.length + 1)
        return packet.slice(0, place) + text + packet.slice(place + 1)
      })
    const packets = fc.array(
      fc.oneof(valid, mutated, fc.string({ unit: 'binary', maxLength: 40 }), fc.json()),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    await fc.assert(
      fc.asyncProperty(packets, async (sent) => {
        const socket = await rawSocket()
        for (const packet of sent) socket.send(packet)
        socket.close()
        await closed(socket)
      }),
      { numRuns: 150 },
    )
    await expectAlive()
  })

  test('clients that reset in every state of the handshake never end the process', async () => {
    const { host, hostname, port } = new URL(tally().url)
    const begin = `GET ${HANDSHAKE} HTTP/1.1\r\nHost: ${host}\r\n`
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    const elsewhere = `GET /elsewhere HTTP/1.1\r\nHost: ${host}\r\n${upgrade}${key}\r\n`
    for (const written of [begin, `${begin}${upgrade}\r\n`, `${begin}${upgrade}${key}\r\n`, elsewhere]) {
      for (let n = 0; n < 5; n += 1) {
        const socket = net.connect(Number(port), hostname)
        await new Promise((resolve) => socket.once('connect', resolve))
        const closes = new Promise((resolve) => socket.once('close', resolve))
        socket.write(written, () => socket.resetAndDestroy())
        await closes
      }
    }
    await expectAlive()
  })
})

describe('too much of everything', () => {
  test('a flood of messages is limited per person, over all of their connections', async () => {
    const roomId = await tally().room('a', 'b')
    const clients = [await tally().signIn('a'), await tally().signIn('a')]
    const answers = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 60 }, () => client.call('send-message', { roomId, message: 'x' })),
      ),
    )
    const refused = answers.filter((answer) => !answer.ok)
    expect(refused.length).toBeGreaterThan(20)
    expect(refused[0]).toMatchObject({
      error: { code: 'rate_limited', retry: 'later', retryAfterMs: expect.any(Number) },
    })
  })

  test('a flood of joins is limited per connection', async () => {
    const client = await tally().signIn('a')
    const refusals = await Promise.all(
      Array.from({ length: 80 }, () => client.refused('join-room', { roomId: 'nowhere' })),
    )
    const codes = new Set(refusals.map(({ code }) => code))
    expect(codes).toEqual(new Set(['room_not_found', 'rate_limited']))
  })

  test('a flood of typing is limited', async () => {
    const roomId = await tally().room('a', 'b')
    const client = await tally().signIn('a')
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => client.call('typing', { roomId, typing: n % 2 === 0 })),
    )
    expect(answers.filter((answer) => !answer.ok).length).toBeGreaterThan(10)
  })

  test('joining more rooms than one connection may is refused', async () => {
    const client = await tally().signIn('a')
    let refusal: unknown
    for (let n = 0; n < 12 && refusal === undefined; n += 1) {
      const answer = await client.call('join-room', { roomId: await tally().room('a', 'b'), read: false })
      if (!answer.ok) refusal = answer.error
    }
    expect(refusal).toMatchObject({ code: 'limit_exceeded', details: { limit: 'openRoomsPerConnection' } })
  })

  test('100,000 events that nobody waits for end the connection that sends them, and nobody else’s', async () => {
    const bystander = await tally().signIn('b')
    const flooder = await tally().signIn('a')
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < 100_000; n += 1) flooder.emit('join-room', { roomId: `r${n}` })
    await flooder.next('disconnect')
    await bystander.settled()
    flooder.close()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(300_000_000)
    await expectAlive()
  })

  test('more connections of one address than it may have are refused with a reason', async () => {
    let refused: string | undefined
    for (let n = 0; n < 210 && refused === undefined; n += 1) {
      const response = await fetch(`${tally().url}/socket.io/?EIO=4&transport=polling`)
      if (response.status === 403) refused = (await response.text()).match(/"message":"([^"]+)"/)?.[1]
    }
    expect(refused).toBe('Too many connections.')
  })
})
