import { RequestError } from '@tally/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(['pglite', 'postgres'] as const)('a connection, on %s', (kind) => {
  const tally = useTally(kind, { TALLY_AUTHENTICATE_TIMEOUT_MS: '1000', TALLY_CONNECTIONS_PER_USER: '3' })
  afterEach(() => tally().closeClients())

  test('is somebody by the token of its handshake', async () => {
    const client = await tally().connect({ auth: { token: await tally().token('a') } })
    expect(await client.next('authenticated')).toMatchObject({ user: { id: 'a' } })
    expect(await client.next('total-unread-count-updated')).toMatchObject({ totalUnreadCount: 0 })
  })

  test.each([
    ['a bare string', (token: string) => token],
    ['an object', (token: string) => ({ token })],
  ])('is somebody by the event, with %s, answered by event and acknowledgement', async (_, payload) => {
    const client = await tally().connect()
    const ack = await client.call('authenticate', payload(await tally().token('a')))
    expect(ack).toEqual({ ok: true, user: { id: 'a', name: 'a Kim', user_type: 'user' } })
    expect(await client.next('authenticated')).toMatchObject({ success: true })
  })

  test('works the same over polling alone', async () => {
    const roomId = await tally().room('a', 'b')
    const client = await tally().signIn('a', { transports: ['polling'] })
    await client.call('join-room', { roomId })
    expect(await client.call('send-message', { roomId, message: 'polled' })).toMatchObject({ ok: true })
    expect(await client.next('new-message')).toMatchObject({ message: 'polled' })
  })

  test('events before authentication wait for it, in order, and none is lost', async () => {
    const roomId = await tally().room('a', 'b')
    const client = await tally().connect()
    // What an app wrote while it was offline is sent before it authenticates anew.
    client.emit('send-message', { roomId, message: '1' })
    client.emit('join-room', { roomId })
    client.emit('authenticate', await tally().token('a'))
    client.emit('send-message', { roomId, message: '2' })
    const left = client.call('leave-room', roomId)
    client.emit('send-message', { roomId, message: '3' })
    expect(await left).toEqual({ ok: true })
    const other = await tally().signIn('b')
    await other.call('mark-read', { roomId })
    const page = await tally().request('GET', `/v1/rooms/${roomId}/messages`, { as: 'b' })
    expect(page.body.items.map(({ text }: { text: string }) => text)).toEqual(['1', '2', '3'])
    expect(client.heard.map(({ event }) => event).filter((event) => event !== 'chat-room-updated')).toEqual(
      expect.arrayContaining(['connect', 'authenticated', 'total-unread-count-updated', 'joined-room']),
    )
    expect(client.all('error')).toEqual([])
  })

  test('events without any authentication are refused, and the connection ends in time', async () => {
    const client = await tally().connect()
    expect(await client.refused('join-room', { roomId: 'x' })).toMatchObject({
      code: 'unauthorized',
      retry: 'after_auth',
    })
    expect(await client.next('auth-error')).toMatchObject({ code: 'unauthorized' })
    expect(await client.next('disconnect')).toBe('transport close')
  })

  test('a wrong token is refused; a right one on the same connection is accepted after it', async () => {
    const client = await tally().connect()
    client.emit('join-room', { roomId: 'x' })
    client.emit('authenticate', 'not a token')
    expect(await client.next('auth-error')).toEqual({ code: 'unauthorized', message: expect.any(String) })
    expect(await client.next('error')).toMatchObject({ code: 'unauthorized' })
    expect(await client.call('authenticate', await tally().token('a'))).toMatchObject({ ok: true })
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['an empty string', ''],
    ['an object without a token', {}],
    ['a list', ['x']],
    ['an endless string', 'x'.repeat(9_000)],
  ])('%s is no token', async (_, payload) => {
    const client = await tally().connect()
    const refusal =
      payload === undefined ? client.refused('authenticate') : client.refused('authenticate', payload)
    expect(await refusal).toMatchObject({ code: 'unauthorized', retry: 'after_auth' })
    expect(await client.next('auth-error')).toMatchObject({ code: 'unauthorized' })
  })

  test('who guesses tokens is sent away', async () => {
    const client = await tally().connect()
    for (let n = 0; n < 5; n += 1) client.emit('authenticate', `guess ${n}`)
    await client.next('disconnect')
    expect(client.all('auth-error')).toHaveLength(5)
  })

  test('who cannot be checked right now is not taken for somebody who guesses', async () => {
    const client = await tally().connect()
    const away = new RequestError('storage_unavailable', { retryAfterMs: 1_000 })
    const query = vi.spyOn(tally().ctx.db, 'query').mockRejectedValue(away)
    for (let n = 0; n < 8; n += 1) {
      client.emit('authenticate', await tally().token('unlucky', { secondsLeft: 3_600 + n }))
      expect(await client.next('auth-error')).toMatchObject({ code: 'storage_unavailable' })
    }
    query.mockRestore()
    client.emit('authenticate', await tally().token('unlucky'))
    expect(await client.next('authenticated')).toMatchObject({ success: true })
  })

  test('takes a newer token of the same person and refuses one of somebody else', async () => {
    const client = await tally().signIn('a')
    expect(await client.call('authenticate', await tally().token('a', { secondsLeft: 7_200 }))).toMatchObject(
      { ok: true },
    )
    expect(await client.refused('authenticate', await tally().token('b'))).toMatchObject({
      code: 'forbidden',
    })
    expect(await client.call('request-unread-count-sync')).toMatchObject({ ok: true })
  })

  test('a token that expires while connected is noticed: requests are refused, a newer one is taken', async () => {
    const client = await tally().connect()
    await client.call('authenticate', await tally().token('a', { secondsLeft: 1 }))
    expect(await client.next('auth-error')).toMatchObject({ code: 'token_expired' })
    expect(await client.refused('sync', {})).toMatchObject({ code: 'token_expired', retry: 'after_auth' })
    expect(await client.call('authenticate', await tally().token('a'))).toMatchObject({ ok: true })
    expect(await client.call('sync', {})).toMatchObject({ ok: true })
  })

  test('a token that expired and is not replaced ends the connection', async () => {
    const client = await tally().connect()
    await client.call('authenticate', await tally().token('a', { secondsLeft: 1 }))
    expect(await client.next('auth-error')).toMatchObject({ code: 'token_expired' })
    expect(await client.next('disconnect')).toBe('transport close')
  })

  test('sessions revoked while connected are ended for good, all of the person’s, nobody else’s', async () => {
    const [one, two, other] = [
      await tally().signIn('z'),
      await tally().signIn('z'),
      await tally().signIn('b'),
    ]
    const revoked = await tally().request('POST', '/v1/sessions/revoke', { body: { userId: 'z' } })
    expect(revoked.status).toBe(200)
    for (const client of [one, two]) {
      expect(await client.next('force-disconnect')).toEqual({ reason: 'session_revoked' })
      expect(await client.next('disconnect')).toBe('io server disconnect')
    }
    const again = await tally().connect()
    expect(await again.refused('authenticate', await tally().token('z'))).toMatchObject({
      code: 'session_revoked',
    })
    await other.settled()
  })

  test('one person too many times is refused, and others are not', async () => {
    for (let n = 0; n < 3; n += 1) await tally().signIn('c')
    const fourth = await tally().connect()
    expect(await fourth.refused('authenticate', await tally().token('c'))).toMatchObject({
      code: 'too_many_connections',
      retry: 'later',
    })
    await fourth.next('disconnect')
    await tally().signIn('b')
  })

  test('a refusal comes with the acknowledgement, and as an error event where none was asked for', async () => {
    const client = await tally().signIn('a')
    const refusal = await client.refused('send-message', { roomId: 'nowhere', message: 'x' })
    expect(refusal).toEqual({ code: 'room_not_found', message: expect.any(String), retry: 'after_resync' })
    client.emit('send-message', { roomId: 'nowhere', message: 'x' })
    expect(await client.next('error')).toEqual({ code: 'room_not_found', message: refusal.message })
    client.emit('send-message', { roomId: 'nowhere', message: '   ' })
    expect(await client.next('error')).toMatchObject({ code: 'message_empty' })
    client.emit('send-message', { roomId: 'nowhere', message: 'x'.repeat(4_001) })
    expect(await client.next('error')).toMatchObject({ code: 'message_too_long' })
    client.emit('send-message', 'nowhere')
    expect(await client.next('error')).toMatchObject({ code: 'invalid_request' })
  })

  test('sync over the socket answers what GET /v1/sync does', async () => {
    await tally().room('a', 'd')
    const client = await tally().signIn('d')
    const { ok, ...answer } = await client.call('sync', {})
    const http = await tally().request('GET', '/v1/sync', { as: 'd' })
    expect(ok).toBe(true)
    expect(answer).toMatchObject({ full: true, rooms: [{ kind: 'group' }] })
    expect({ ...http.body, nextPollMs: 0 }).toEqual({ ...answer, nextPollMs: 0 })
  })
})

describe('with SINGLE_SESSION', () => {
  const tally = useTally('pglite', { SINGLE_SESSION: 'true' })
  afterEach(() => tally().closeClients())

  test('a newer connection ends the older one for good', async () => {
    const older = await tally().signIn('a')
    const newer = await tally().signIn('a')
    expect(await older.next('force-disconnect')).toEqual({ reason: 'signed_in_elsewhere' })
    expect(await older.next('disconnect')).toBe('io server disconnect')
    await newer.settled()
  })
  test('of several that come in one moment one stays', async () => {
    const token = await tally().token('b')
    const clients = await Promise.all(Array.from({ length: 4 }, () => tally().connect()))
    for (const client of clients) client.emit('authenticate', token)
    const isGone = (client: (typeof clients)[number]) => client.all('disconnect').length > 0
    await expect.poll(() => clients.filter(isGone).length, { timeout: 15_000 }).toBe(clients.length - 1)
    await clients.find((client) => !isGone(client))?.settled()
    expect(clients.filter(isGone)).toHaveLength(clients.length - 1)
  })
})
