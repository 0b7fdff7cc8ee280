import { afterEach, describe, expect, test, vi } from 'vitest'
import { createRoom } from '../../src/actions/create-room.ts'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { type Answer, useTally } from '../../test-support/test-tally.ts'

const soon = { timeout: 20_000 }

describe.each(DATABASES)('a device that polls, on %s', (kind) => {
  const tally = useTally(kind)
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** Asks as one device, each time from where its last answer ended. */
  function device(as: string, roomId: string, name = 'device-1') {
    let [since, change, etag] = [0, 0, '']
    let shown: number | undefined
    return {
      /** Shows the room from now on, at this read epoch; or no room. */
      show: (readEpoch: number | undefined) => {
        shown = readEpoch
      },
      poll: async ({ wait = 0 } = {}): Promise<Answer> => {
        const open = shown === undefined ? '' : `${roomId}:${shown}`
        const query = `since=${since}&rooms=${roomId}:${change}&device=${name}&open=${open}&wait=${wait}`
        const answer = await tally().get(`/v1/sync?${query}`, { as, headers: { 'if-none-match': etag } })
        etag = answer.headers.get('etag') ?? ''
        if (answer.status !== 200) return answer
        since = answer.body.rev
        change = answer.body.changes[roomId] ?? change
        return answer
      },
    }
  }

  async function pair() {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    return { kim, lee, roomId: await tally().room(kim, lee) }
  }

  test('leaves the room that it shows out of the badge, on every device, until it shows it no more', async () => {
    const { kim, lee, roomId } = await pair()
    const phone = await tally().signIn(kim)
    const screen = device(kim, roomId)
    screen.show(0)
    await screen.poll()
    await tally().send(lee, roomId, 'on the screen at once')
    const { body } = await screen.poll()
    expect(body).toMatchObject({ badge: { total: 0 }, rooms: [{ id: roomId, me: { unread: 0 } }] })
    expect(body.messages[roomId]).toHaveLength(1)
    expect((await tally().badge(kim)).total).toBe(0)
    screen.show(undefined)
    expect((await screen.poll()).body).toMatchObject({ badge: { total: 1 }, rooms: [{ me: { unread: 1 } }] })
    await phone.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    expect(phone.all('total-unread-count-updated').map(({ totalUnreadCount }) => totalUnreadCount)).toEqual([
      0, 1,
    ])
  })

  test('counts what it never confirmed again when it does not ask any more', async () => {
    const { kim, lee, roomId } = await pair()
    const screen = device(kim, roomId)
    screen.show(0)
    await screen.poll()
    await tally().send(lee, roomId, 'seen by nobody')
    expect((await tally().badge(kim)).total).toBe(0)
    await expect
      .poll(async () => (await tally().badge(kim)).total, { timeout: 60_000, interval: 500 })
      .toBe(1)
  }, 90_000)

  test('keeps the room open for as long as it waits, and two devices know nothing of each other', async () => {
    const { kim, lee, roomId } = await pair()
    const [one, other] = [device(kim, roomId, 'device-1'), device(kim, roomId, 'device-2')]
    one.show(0)
    other.show(0)
    await Promise.all([one.poll(), other.poll()])
    await tally().send(lee, roomId, 'hello')
    one.show(undefined)
    await one.poll()
    expect((await tally().badge(kim)).total).toBe(0)
    other.show(undefined)
    await other.poll()
    expect((await tally().badge(kim)).total).toBe(1)
  })

  test('does not undo a mark-unread: the room is not open until it is opened anew', async () => {
    const { kim, lee, roomId } = await pair()
    const screen = device(kim, roomId)
    screen.show(0)
    await tally().send(lee, roomId, 'one')
    await screen.poll()
    await tally().post(`/v1/rooms/${roomId}/read`, { as: kim, body: { upToSeq: 1, readEpoch: 0 } })
    const marked = await tally().post(`/v1/rooms/${roomId}/unread`, { as: kim, body: { fromSeq: 1 } })
    expect(marked.body.readEpoch).toBe(1)
    expect((await screen.poll()).body).toMatchObject({
      badge: { total: 1 },
      rooms: [{ me: { readEpoch: 1 } }],
    })
    expect((await screen.poll()).status).toBe(304)
    screen.show(1)
    expect((await screen.poll()).body).toMatchObject({ badge: { total: 0 } })
  })

  test('opens nothing that is not its own', async () => {
    const { roomId } = await pair()
    const stranger = device(somebody('eve'), roomId)
    stranger.show(0)
    const { status, body } = await stranger.poll()
    expect({ status, live: body.live, messages: body.messages }).toEqual({
      status: 200,
      live: { typing: {}, reads: [], deliveries: [], presence: [] },
      messages: {},
    })
  })

  test('is told who types, who read how far and who is here; each wakes a poll that waits', async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const memberIds = [kim, lee] as never[]
    const { id: roomId } = await createRoom(tally().ctx, null, { kind: 'direct', memberIds, history: 'none' })
    const screen = device(kim, roomId)
    screen.show(0)
    await screen.poll()
    const next = async (does: () => Promise<unknown>) => {
      const waits = vi.spyOn(tally().ctx.devices, 'waitForChange')
      const polled = screen.poll({ wait: 25 })
      await vi.waitUntil(() => waits.mock.calls.length > 0, soon)
      waits.mockRestore()
      await does()
      return (await polled).body.live
    }
    const socket = await tally().signIn(lee)
    await expect
      .poll(async () => (await screen.poll()).body.live?.presence, soon)
      .toEqual([{ userId: lee, online: true, lastSeenAt: null }])
    expect((await screen.poll()).status).toBe(304)

    const typing = (isTyping: boolean) => () =>
      tally().post(`/v1/rooms/${roomId}/typing`, { as: lee, body: { typing: isTyping } })
    expect(await next(typing(true))).toMatchObject({ typing: { [roomId]: [lee] } })
    expect((await screen.poll()).status).toBe(304)
    expect(await next(typing(false))).toMatchObject({ typing: {} })

    await tally().send(kim, roomId, 'have you seen this?')
    await screen.poll()
    const read = () => tally().post(`/v1/rooms/${roomId}/read`, { as: lee, body: { upToSeq: 1 } })
    expect(await next(read)).toMatchObject({ reads: [{ roomId, userId: lee, readSeq: 1 }] })

    const notice = { userIds: [kim], type: 'offer', title: 'An offer' }
    await tally().post('/v1/notifications', { server: true, body: notice })
    await screen.poll()
    const seen = () => tally().post('/v1/notifications/seen', { as: kim, body: {} })
    expect(await next(seen)).toMatchObject({ feed: { seenSeq: 1 } })
    expect((await screen.poll()).status).toBe(304)

    const gone = await next(async () => socket.close())
    expect(gone.presence).toMatchObject([{ userId: lee, online: false, lastSeenAt: expect.any(String) }])
  })

  test('does not wait with its first poll: nothing was told to it yet', async () => {
    const { kim, roomId } = await pair()
    const { rev } = await tally().badge(kim)
    const query = `since=${rev}&rooms=${roomId}:1000&device=device-1&wait=25`
    const { status, body } = await tally().get(`/v1/sync?${query}`, { as: kim })
    expect({ status, live: body.live }).toEqual({
      status: 200,
      live: { typing: {}, reads: [], deliveries: [], presence: [] },
    })
  })

  test('is here for the others, as somebody who is connected is', async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const memberIds = [kim, lee] as never[]
    const { id: roomId } = await createRoom(tally().ctx, null, { kind: 'direct', memberIds, history: 'none' })
    const socket = await tally().signIn(lee)
    const screen = device(kim, roomId)
    socket.emit('join-room', { roomId })
    await socket.next('joined-room')
    screen.show(0)
    await screen.poll()
    expect(await socket.next('presence')).toEqual({ userId: kim, online: true, lastSeenAt: null })
    expect(await socket.next('user-joined')).toMatchObject({ userId: kim, roomId })
    screen.show(undefined)
    await screen.poll()
    expect(await socket.next('user-left')).toMatchObject({ userId: kim, roomId })
  })

  test('hears how many have the room open, on a 304 too, and costs no query while nothing is new', async () => {
    const { kim, lee, roomId } = await pair()
    const [screen, other] = [device(kim, roomId), device(lee, roomId)]
    screen.show(0)
    other.show(0)
    await screen.poll()
    await other.poll()
    expect((await screen.poll()).headers.get('x-active-users')).toBe('2')
    await expect.poll(async () => (await screen.poll()).status, soon).toBe(304)
    const queries = vi.spyOn(tally().ctx.db, 'query')
    const reads = vi.spyOn(tally().ctx.ledger, 'read')
    const names = (values: readonly unknown[]) => JSON.stringify(values).includes(kim)
    // Every few seconds the touch asks after everybody who is here: between two of those nobody asks after her.
    await vi.waitFor(async () => {
      queries.mockClear()
      reads.mockClear()
      for (let polls = 0; polls < 5; polls++) {
        const { status, headers } = await screen.poll()
        expect({ status, active: headers.get('x-active-users') }).toEqual({ status: 304, active: '2' })
      }
      expect(queries.mock.calls.filter(([{ values }]) => names(values))).toEqual([])
      expect(reads.mock.calls.filter(([asked]) => asked.some(({ userId }) => userId === kim)).length).toBe(5)
    }, soon)
    other.show(undefined)
    await other.poll()
    expect((await screen.poll()).headers.get('x-active-users')).toBe('1')
  })

  test('is told of a message by what the node remembers: however many ask, it is looked up once at most', async () => {
    const writer = somebody('writer')
    const readers = [somebody('one'), somebody('two'), somebody('three')]
    const roomId = await tally().room(writer, ...readers)
    const screens = readers.map((name) => device(name, roomId))
    for (const screen of screens) await screen.poll()
    const queries = vi.spyOn(tally().ctx.db, 'query')
    const lookUps = () => queries.mock.calls.filter(([{ name }]) => name === 'read-changed-messages').length
    await tally().send(writer, roomId, 'one')
    for (const screen of screens)
      expect((await screen.poll()).body.messages[roomId]).toMatchObject([{ seq: 1, text: 'one' }])
    await tally().send(writer, roomId, 'two')
    for (const screen of screens)
      expect((await screen.poll()).body.messages[roomId]).toMatchObject([{ seq: 2, text: 'two' }])
    expect(lookUps()).toBe(0)
    await tally().ask('PATCH', `/v1/rooms/${roomId}/messages/1`, { as: writer, body: { text: 'edited' } })
    for (const screen of screens)
      expect((await screen.poll()).body.messages[roomId]).toMatchObject([{ seq: 1, text: 'edited' }])
    expect(lookUps()).toBe(1)
  })
})
