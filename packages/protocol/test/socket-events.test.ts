import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type Ack,
  type ClientEventName,
  type ClientToServerEvents,
  clientEvents,
  isClientEventName,
  type RoomId,
  type ServerEventPayload,
  type ServerToClientEvents,
  serverEvents,
} from '../src/index.ts'

const parse = (event: ClientEventName, payload: unknown) => clientEvents[event].payload.safeParse(payload)

describe('the events', () => {
  test('of clients are exactly these', () => {
    expect(Object.keys(clientEvents)).toEqual([
      'authenticate',
      'join-room',
      'leave-room',
      'send-message',
      'mark-read',
      'mark-unread',
      'mark-delivered',
      'visibility',
      'edit-message',
      'delete-message',
      'react',
      'typing',
      'request-unread-count-sync',
      'sync',
    ])
  })

  test('of servers are exactly these', () => {
    expect(Object.keys(serverEvents)).toEqual([
      'authenticated',
      'auth-error',
      'joined-room',
      'user-joined',
      'user-left',
      'member-left',
      'room-changed',
      'profile-changed',
      'new-message',
      'chat-room-updated',
      'total-unread-count-updated',
      'message-updated',
      'message-deleted',
      'read-receipt',
      'delivery-receipt',
      'typing',
      'presence',
      'notification',
      'feed-state',
      'force-disconnect',
      'server-draining',
      'error',
    ])
  })

  test.each(['error', 'disconnect', 'disconnecting', '__proto__', 'constructor', 'toString', 'connect', ''])(
    'named %j is not one of them',
    (name) => expect(isClientEventName(name)).toBe(false),
  )
})

describe('what installed apps send is understood', () => {
  test.each<[ClientEventName, unknown, unknown]>([
    ['authenticate', 'aaa.bbb.ccc', { token: 'aaa.bbb.ccc' }],
    ['authenticate', { token: 'aaa.bbb.ccc' }, { token: 'aaa.bbb.ccc' }],
    ['join-room', { roomId: 'r1' }, { roomId: 'r1', read: true }],
    ['join-room', { roomId: 'r1', read: null }, { roomId: 'r1', read: true }],
    ['join-room', { roomId: 'r1', read: false }, { roomId: 'r1', read: false }],
    ['join-room', 'r1', { roomId: 'r1', read: true }],
    ['leave-room', 'r1', { roomId: 'r1' }],
    ['leave-room', { roomId: 'r1' }, { roomId: 'r1' }],
    ['send-message', { roomId: 'r1', message: ' hi ' }, { roomId: 'r1', message: ' hi ' }],
    [
      'send-message',
      { roomId: 'r1', message: 'hi', messageType: null, clientId: null, replyTo: null },
      { roomId: 'r1', message: 'hi' },
    ],
    [
      'send-message',
      { roomId: 'r1', message: 'hi', messageType: 'resume', clientId: 'c1', replyTo: 3 },
      { roomId: 'r1', message: 'hi', messageType: 'resume', clientId: 'c1', replyTo: 3 },
    ],
    ['mark-read', { roomId: 'r1' }, { roomId: 'r1' }],
    ['mark-read', { roomId: 'r1', upToSeq: 7, readEpoch: 0 }, { roomId: 'r1', upToSeq: 7, readEpoch: 0 }],
    ['mark-unread', { roomId: 'r1', fromSeq: 0 }, { roomId: 'r1', fromSeq: 0 }],
    ['mark-delivered', { rooms: [{ roomId: 'r1', upToSeq: 3 }] }, { rooms: [{ roomId: 'r1', upToSeq: 3 }] }],
    ['visibility', { visible: false }, { visible: false }],
    ['edit-message', { roomId: 'r1', seq: 1, message: 'x' }, { roomId: 'r1', seq: 1, message: 'x' }],
    ['delete-message', { roomId: 'r1', seq: 1 }, { roomId: 'r1', seq: 1 }],
    [
      'react',
      { roomId: 'r1', seq: 1, emoji: '👍🏽', on: true },
      { roomId: 'r1', seq: 1, emoji: '👍🏽', on: true },
    ],
    ['typing', { roomId: 'r1', typing: true }, { roomId: 'r1', typing: true }],
    ['request-unread-count-sync', undefined, undefined],
    ['request-unread-count-sync', { anything: 1 }, undefined],
    ['sync', {}, {}],
    [
      'sync',
      { since: 5, rooms: [{ roomId: 'r1', change: 2 }] },
      { since: 5, rooms: [{ roomId: 'r1', change: 2 }] },
    ],
  ])('%s %j', (event, payload, expected) => {
    expect(parse(event, payload)).toEqual({ success: true, data: expected })
  })

  test('fields of others are ignored: the sender, the time and the place are never the client’s', () => {
    const claimed = {
      sender_id: 'u9',
      senderId: 'u9',
      created_at: '2999-01-01T00:00:00Z',
      seq: 99,
      id: 'm1',
      is_read: true,
    }
    expect(parse('send-message', { roomId: 'r1', message: 'hi', ...claimed }).data).toEqual({
      roomId: 'r1',
      message: 'hi',
    })
  })

  test('a key named __proto__ pollutes nothing', () => {
    const payload = JSON.parse('{"roomId":"r1","message":"hi","__proto__":{"admin":true}}')
    const parsed = parse('send-message', payload)
    expect(parsed.success).toBe(true)
    expect((parsed.data as { admin?: boolean }).admin).toBeUndefined()
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })
})

describe('bad payloads are refused', () => {
  const deep = JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)
  const events = Object.keys(clientEvents).filter(
    (name) => !['request-unread-count-sync', 'sync'].includes(name),
  )

  const junk: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a number', 0],
    ['a flag', true],
    ['an empty string', ''],
    ['NUL', '\u0000'],
    ['an array', []],
    ['an empty object', {}],
    ['ten thousand brackets', deep],
    ['ten thousand brackets in a field', { roomId: deep, token: deep, visible: deep }],
    ['a function', () => 'r1'],
    ['bytes', Buffer.from('r1')],
  ]

  test.each(events)('%s with anything but its payload', (event) => {
    for (const [what, payload] of junk)
      expect(parse(event as ClientEventName, payload).success, what).toBe(false)
  })

  test.each<[string, ClientEventName, unknown]>([
    ['a token longer than any', 'authenticate', 'x'.repeat(8_193)],
    ['a token with a line break', 'authenticate', 'aaa.bbb\r\n.ccc'],
    ['a room id of two rooms', 'join-room', { roomId: ['r1', 'r2'] }],
    ['a flag in words', 'join-room', { roomId: 'r1', read: 'false' }],
    ['a text that is an object', 'send-message', { roomId: 'r1', message: { toString: 'x' } }],
    ['a text that is null', 'send-message', { roomId: 'r1', message: null }],
    ['an endless type', 'send-message', { roomId: 'r1', message: 'x', messageType: 'x'.repeat(65) }],
    ['an endless client id', 'send-message', { roomId: 'r1', message: 'x', clientId: 'x'.repeat(129) }],
    ['a client id with NUL', 'send-message', { roomId: 'r1', message: 'x', clientId: '\u0000' }],
    ['a negative place', 'mark-read', { roomId: 'r1', upToSeq: -1 }],
    ['half a place', 'mark-read', { roomId: 'r1', upToSeq: 1.5 }],
    ['NaN', 'mark-read', { roomId: 'r1', upToSeq: Number.NaN }],
    ['NaN, as JSON has it', 'mark-read', { roomId: 'r1', upToSeq: null }],
    ['NaN as the epoch, as JSON has it', 'mark-read', { roomId: 'r1', upToSeq: 1, readEpoch: null }],
    ['2^53', 'mark-read', { roomId: 'r1', upToSeq: 2 ** 53 }],
    ['a place in words', 'mark-unread', { roomId: 'r1', fromSeq: '1' }],
    ['nothing that came', 'mark-delivered', { rooms: [] }],
    ['a negative place that came', 'mark-delivered', { rooms: [{ roomId: 'r1', upToSeq: -1 }] }],
    ['NaN that came, as JSON has it', 'mark-delivered', { rooms: [{ roomId: 'r1', upToSeq: null }] }],
    [
      'too many rooms that came',
      'mark-delivered',
      { rooms: Array.from({ length: 101 }, (_, i) => ({ roomId: `r${i}`, upToSeq: 1 })) },
    ],
    ['no place', 'mark-unread', { roomId: 'r1' }],
    ['a novel as an emoji', 'react', { roomId: 'r1', seq: 1, emoji: 'x'.repeat(33), on: true }],
    ['a blank emoji', 'react', { roomId: 'r1', seq: 1, emoji: ' ', on: true }],
    ['an emoji with a control character', 'react', { roomId: 'r1', seq: 1, emoji: '\u001B[2J', on: true }],
    [
      'too many rooms',
      'sync',
      { rooms: Array.from({ length: 51 }, (_, i) => ({ roomId: `r${i}`, change: 0 })) },
    ],
    ['a rev of another world', 'sync', { since: 2 ** 60 }],
  ])('%s', (_, event, payload) => {
    expect(parse(event, payload).success).toBe(false)
  })
})

test('the types of Socket.IO follow the schemas', () => {
  expectTypeOf<Parameters<ServerToClientEvents['chat-room-updated']>[0]>().toEqualTypeOf<
    ServerEventPayload<'chat-room-updated'>
  >()
  expectTypeOf<Parameters<ClientToServerEvents['leave-room']>[0]>().toEqualTypeOf<
    string | { roomId: string }
  >()
  expectTypeOf<Parameters<ClientToServerEvents['request-unread-count-sync']>>().toEqualTypeOf<
    [acknowledge: (ack: Ack<'request-unread-count-sync'>) => void]
  >()
  expectTypeOf<Extract<Ack<'join-room'>, { ok: true }>['roomId']>().toEqualTypeOf<RoomId>()
})
