import net from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { useTally } from '../../test-support/test-tally.ts'

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

describe('what is not one’s own', () => {
  test('every way into a stranger’s room gives the answer of a room that does not exist', async () => {
    const roomId = await tally().room('owner', 'friend')
    const owner = await tally().signIn('owner')
    await owner.call('send-message', { roomId, message: 'private' })
    const stranger = await tally().signIn('stranger')
    const attempts = (room: string): [string, unknown][] => [
      ['join-room', { roomId: room }],
      ['join-room', { roomId: room, read: false }],
      ['send-message', { roomId: room, message: 'x' }],
      ['mark-read', { roomId: room }],
      ['mark-read', { roomId: room, upToSeq: 1 }],
      ['mark-unread', { roomId: room, fromSeq: 1 }],
      ['edit-message', { roomId: room, seq: 1, message: 'x' }],
      ['delete-message', { roomId: room, seq: 1 }],
      ['react', { roomId: room, seq: 1, emoji: '👍', on: true }],
      ['typing', { roomId: room, typing: true }],
    ]
    for (const [index, [event, payload]] of attempts(roomId).entries()) {
      const refusal = await stranger.refused(event, payload)
      expect(refusal, event).toMatchObject({ code: 'room_not_found' })
      expect(refusal, event).toEqual(await stranger.refused(event, attempts('no-such-room')[index]![1]))
    }
    await owner.call('join-room', { roomId })
    await owner.call('send-message', { roomId, message: 'still private' })
    await owner.settled()
    await stranger.settled()
    expect(stranger.all('new-message')).toEqual([])
    expect(stranger.all('chat-room-updated')).toEqual([])
    expect(owner.all('typing')).toEqual([])
    expect(owner.all('message-updated')).toEqual([])
  })

  test('another’s message can be neither edited nor deleted', async () => {
    const roomId = await tally().room('owner', 'friend')
    const owner = await tally().signIn('owner')
    await owner.call('send-message', { roomId, message: 'mine' })
    const friend = await tally().signIn('friend')
    expect(await friend.refused('edit-message', { roomId, seq: 1, message: 'x' })).toMatchObject({
      code: 'forbidden',
    })
    expect(await friend.refused('delete-message', { roomId, seq: 1 })).toMatchObject({ code: 'forbidden' })
    expect(await friend.refused('edit-message', { roomId, seq: 99, message: 'x' })).toMatchObject({
      code: 'message_not_found',
    })
  })

  test('a sender, a time and a place that a client names are ignored', async () => {
    const roomId = await tally().room('owner', 'friend')
    const owner = await tally().signIn('owner')
    const forged = {
      id: 'x',
      senderId: 'friend',
      sender_id: 'friend',
      seq: 900,
      created_at: '2099-01-01T00:00:00Z',
    }
    const ack = await owner.call('send-message', { roomId, message: 'mine', ...forged })
    if (!ack.ok) throw new Error(ack.error.message)
    expect(ack.message).toMatchObject({ sender_id: 'owner', seq: 1 })
    expect(ack.message.id).not.toBe('x')
    expect(Math.abs(Date.parse(ack.message.created_at) - Date.now())).toBeLessThan(60_000)
  })

  test('another’s clientId stays the other’s', async () => {
    const roomId = await tally().room('owner', 'friend')
    const [owner, friend] = [await tally().signIn('owner'), await tally().signIn('friend')]
    await owner.call('send-message', { roomId, message: 'one', clientId: 'c' })
    expect(await friend.call('send-message', { roomId, message: 'two', clientId: 'c' })).toMatchObject({
      ok: true,
      message: { seq: 2, sender_id: 'friend', message: 'two' },
    })
  })
})

describe('bad numbers and texts', () => {
  test.each([
    ['mark-read', { upToSeq: -1 }],
    ['mark-read', { upToSeq: 1.5 }],
    ['mark-read', { upToSeq: 2 ** 53 }],
    ['mark-read', { upToSeq: '1' }],
    ['mark-read', { readEpoch: -1 }],
    ['mark-unread', {}],
    ['mark-unread', { fromSeq: Number.NaN }],
    ['edit-message', { seq: null, message: 'x' }],
    ['react', { seq: 1, emoji: '', on: true }],
    ['react', { seq: 1, emoji: 'x'.repeat(33), on: true }],
    ['send-message', { message: 7 }],
    ['send-message', { message: 'x', clientId: '' }],
    ['send-message', { message: 'x', clientId: 'x'.repeat(129) }],
    ['send-message', { message: 'x', messageType: '\u0000' }],
    ['typing', { typing: 'yes' }],
  ])('%s %j is refused as malformed', async (event, fields) => {
    const roomId = await tally().room('owner', 'friend')
    const client = await tally().signIn('owner')
    expect(await client.refused(event, { roomId, ...fields })).toMatchObject({ code: 'invalid_request' })
  })

  test('reading beyond the head reads to the head', async () => {
    const roomId = await tally().room('owner', 'friend')
    const [owner, friend] = [await tally().signIn('owner'), await tally().signIn('friend')]
    await owner.call('send-message', { roomId, message: 'one' })
    expect(await friend.call('mark-read', { roomId, upToSeq: 2 ** 53 - 1 })).toMatchObject({
      ok: true,
      readSeq: 1,
    })
    await owner.call('send-message', { roomId, message: 'two' })
    expect(await friend.next('chat-room-updated', (row) => row.last_message === 'two')).toMatchObject({
      roomId,
      unread_count: 1,
    })
  })

  test.each([
    ['NUL', 'a\u0000b', 'message_malformed'],
    ['half a surrogate pair', 'a\ud800', 'message_malformed'],
    ['blanks only', ' \n\t\u3000 ', 'message_empty'],
    ['one character too many', '가'.repeat(4_001), 'message_too_long'],
  ])('a text of %s is refused', async (_, message, code) => {
    const roomId = await tally().room('owner', 'friend')
    const client = await tally().signIn('owner')
    expect(await client.refused('send-message', { roomId, message })).toMatchObject({ code })
  })

  test.each([
    ['right-to-left marks', '\u202Eabc\u202C'],
    ['10,000 bytes of combining marks', `a${'\u0301'.repeat(3_999)}`],
    ['markup', '<script>alert(1)</script><svg onload=alert(1)> javascript:alert(1)'],
    ['as many emoji as characters are allowed', '👩'.repeat(4_000)],
  ])('%s arrive as they are', async (_, message) => {
    const roomId = await tally().room('owner', 'friend')
    const client = await tally().signIn('owner')
    await client.call('join-room', { roomId })
    expect(await client.call('send-message', { roomId, message })).toMatchObject({ ok: true })
    expect(await client.next('new-message')).toMatchObject({ message })
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

  test.each([
    ['send-message', { roomId: 'x' }],
    ['send-message', { roomId: 'x', message: ' ' }],
    ['typing', 'x'],
  ])('who sends what is refused, %s %j, and goes on and on is sent away', async (event, payload) => {
    const flooder = await tally().signIn('flooder')
    for (let n = 0; n < 5_000; n += 1) flooder.emit(event, payload)
    await flooder.next('disconnect')
    expect(flooder.all('error').length).toBeLessThan(2_000)
    const stranger = await tally().connect()
    for (let n = 0; n < 5_000; n += 1) stranger.emit(event, payload)
    await stranger.next('disconnect')
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
