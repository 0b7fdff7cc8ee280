import { afterEach, describe, expect, test, vi } from 'vitest'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { type Answer, useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('GET /v1/sync, on %s', (kind) => {
  const tally = useTally(kind)
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const sync = (as: string, query = '', headers: Record<string, string> = {}) =>
    tally().get(`/v1/sync?${query}`, { as, headers })
  const ids = (answer: Answer) => answer.body.rooms.map(({ id }: { id: string }) => id)

  async function pair() {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    return { kim, lee, roomId: await tally().room(kim, lee) }
  }

  test('without since: everything, with the rev to go on from', async () => {
    const { kim, lee, roomId } = await pair()
    const sent = await tally().send(lee, roomId, 'hello')
    const { status, body } = await sync(kim, `rooms=${roomId}:0`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      full: true,
      next: null,
      badge: { total: 1, unreadRooms: 1, notifications: 0, rev: body.rev },
      rooms: [{ id: roomId, seq: 1, me: { unread: 1 }, lastMessage: { id: sent.id } }],
      messages: { [roomId]: [{ id: sent.id, seq: 1, text: 'hello' }] },
      changes: { [roomId]: sent.change },
    })
  })

  test('from a rev: the rooms that moved since, and messages with a higher change', async () => {
    const { kim, lee, roomId } = await pair()
    const quiet = await tally().room(kim, lee)
    const first = await tally().send(lee, roomId, 'one')
    const { body: start } = await sync(kim, `rooms=${roomId}:0`)
    expect(ids({ body: start } as Answer).sort()).toEqual([quiet, roomId].sort())

    await tally().ask('PATCH', `/v1/rooms/${roomId}/messages/1`, { as: lee, body: { text: 'one, edited' } })
    const second = await tally().send(lee, roomId, 'two')
    const { body } = await sync(kim, `since=${start.rev}&rooms=${roomId}:${start.changes[roomId]}`)
    expect(body).toMatchObject({ full: false, badge: { total: 2 }, rooms: [{ id: roomId }] })
    expect(body.rev).toBeGreaterThan(start.rev)
    expect(body.messages[roomId]).toMatchObject([
      { id: first.id, text: 'one, edited', editedAt: expect.any(String) },
      { id: second.id, text: 'two' },
    ])
  })

  test('a room one left comes as a tombstone', async () => {
    const { kim, lee, roomId } = await pair()
    await tally().send(lee, roomId, 'one')
    const { body: start } = await sync(kim)
    await tally().ask('DELETE', `/v1/rooms/${roomId}/members/${kim}`, { server: true })
    const { body } = await sync(kim, `since=${start.rev}`)
    expect(body).toMatchObject({ full: false, rooms: [{ id: roomId, left: true }], badge: { total: 0 } })
  })

  test.each(['since=0', 'since=9007199254740991'])(
    '%s, which nobody can continue from: everything again',
    async (query) => {
      const { kim, roomId } = await pair()
      const answer = await sync(kim, query)
      expect(answer.body.full).toBe(true)
      expect(ids(answer)).toEqual([roomId])
    },
  )

  test('nothing moved: 304, with the hints, from the ledger alone and without a query', async () => {
    const { kim, lee, roomId } = await pair()
    const sent = await tally().send(lee, roomId, 'one')
    const { body, headers } = await sync(kim, `rooms=${roomId}:${sent.change}`)
    const etag = headers.get('etag')
    expect(etag).toMatch(/^"[^"]+"$/)
    expect(headers.get('cache-control')).toBe('private, no-cache')

    const queries = vi.spyOn(tally().ctx.db, 'query')
    const query = `since=${body.rev}&rooms=${roomId}:${sent.change}`
    const again = await sync(kim, query, { 'if-none-match': etag ?? '' })
    expect({ status: again.status, body: again.body }).toEqual({ status: 304, body: '' })
    expect(Number(again.headers.get('x-next-poll-ms'))).toBeGreaterThan(0)
    expect(again.headers.get('x-active-users')).toBe('1')
    expect(again.headers.get('etag')).toBe(etag)
    // What the server does beside it, for itself, names nobody.
    expect(queries.mock.calls.filter(([{ values }]) => values.includes(kim))).toEqual([])
  })

  test('an edit in a named room that moves no badge is no 304', async () => {
    const { kim, lee, roomId } = await pair()
    const sent = await tally().send(lee, roomId, 'one')
    await tally().post(`/v1/rooms/${roomId}/read`, { as: kim })
    const { body, headers } = await sync(kim, `rooms=${roomId}:${sent.change}`)
    await tally().ask('PATCH', `/v1/rooms/${roomId}/messages/1`, { as: lee, body: { text: 'changed' } })
    const again = await sync(kim, `since=${body.rev}&rooms=${roomId}:${sent.change}`, {
      'if-none-match': headers.get('etag') ?? '',
    })
    expect(again.status).toBe(200)
    expect(again.body.messages[roomId]).toMatchObject([{ seq: 1, text: 'changed' }])
  })

  test("somebody else's etag and an old one are no 304", async () => {
    const { kim, lee, roomId } = await pair()
    const { body, headers } = await sync(kim)
    const etag = headers.get('etag') ?? ''
    expect((await sync(lee, '', { 'if-none-match': etag })).status).toBe(200)
    await tally().send(lee, roomId, 'one')
    expect((await sync(kim, `since=${body.rev}`, { 'if-none-match': etag })).status).toBe(200)
  })

  test('with wait it answers when something happens, and not before', async () => {
    const { kim, lee, roomId } = await pair()
    const { body, headers } = await sync(kim)
    const query = `since=${body.rev}&wait=25`
    const waits = vi.spyOn(tally().ctx.devices, 'waitForChange')
    let answered = false
    const waiting = sync(kim, query, { 'if-none-match': headers.get('etag') ?? '' }).finally(() => {
      answered = true
    })
    await vi.waitUntil(() => waits.mock.calls.length > 0, { timeout: 15_000 })
    expect(answered).toBe(false)
    const sent = await tally().send(lee, roomId, 'wake up')
    const answer = await waiting
    expect(answer).toMatchObject({ status: 200, body: { badge: { total: 1 }, rooms: [{ id: roomId }] } })
    expect(answer.body.rooms[0].lastMessage.id).toBe(sent.id)
  })

  test('with wait and nothing to tell it is a 304 in the end', async () => {
    const { kim } = await pair()
    const { body, headers } = await sync(kim)
    const query = `since=${body.rev}&wait=1`
    const began = performance.now()
    const answer = await sync(kim, query, { 'if-none-match': headers.get('etag') ?? '' })
    expect(answer.status).toBe(304)
    expect(performance.now() - began).toBeGreaterThan(900)
  })

  test.each([
    'wait=26',
    'wait=-1',
    'since=-1',
    'since=x',
    'rooms=x',
    'rooms=x:-1',
    'rooms=:1',
    'since=9007199254740992',
  ])('%s: 400', async (query) => {
    const refused = await sync('kim', query)
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
  })

  test('51 rooms named: 400', async () => {
    const rooms = Array.from({ length: 51 }, (_, i) => `room-${i}:0`).join(',')
    expect((await sync('kim', `rooms=${rooms}`)).status).toBe(400)
  })
})
