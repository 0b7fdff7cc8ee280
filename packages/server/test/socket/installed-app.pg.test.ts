import { afterEach, describe, expect, test } from 'vitest'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(['pglite', 'postgres'] as const)('an installed app, on %s', (kind) => {
  const tally = useTally(kind)
  afterEach(() => tally().closeClients())

  test('connects, authenticates, joins, talks, leaves and reads over HTTP as it always did', async () => {
    const application = {
      application_id: 'a-1',
      user_id: 'mina',
      company_id: 'hanbit',
      job_posting_id: 'j-1',
    }
    const created = await tally().request('POST', '/api/chat/create-room', { as: 'mina', body: application })
    expect(created).toMatchObject({ status: 200, body: { success: true, data: { id: expect.any(String) } } })
    const roomId = created.body.data.id

    // connect → authenticate with a bare token, and join-room right behind it, without waiting.
    const mina = await tally().connect()
    mina.emit('authenticate', await tally().token('mina'))
    mina.emit('join-room', { roomId })
    expect(await mina.next('authenticated')).toEqual({
      success: true,
      user: { id: 'mina', name: 'mina Kim', user_type: 'user' },
    })
    expect(await mina.next('total-unread-count-updated')).toMatchObject({
      totalUnreadCount: 0,
      unreadRooms: 0,
    })
    expect(await mina.next('joined-room')).toMatchObject({
      roomId,
      success: true,
      seq: 0,
      readSeq: 0,
      readEpoch: 0,
    })
    const hanbit = await tally().signIn('hanbit')

    // send-message without an acknowledgement; the other one is outside the room.
    mina.emit('send-message', { roomId, message: '  안녕하세요  ', messageType: 'resume' })
    const own = await mina.next('new-message')
    expect(own).toMatchObject({
      id: expect.any(String),
      room_id: roomId,
      sender_id: 'mina',
      message: '안녕하세요',
      message_type: 'resume',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      is_read: false,
      seq: 1,
    })
    expect(await hanbit.next('chat-room-updated')).toMatchObject({
      roomId,
      last_message: '안녕하세요',
      last_message_at: own.created_at,
      unread_count: 1,
      rev: expect.any(Number),
    })
    expect(await hanbit.next('total-unread-count-updated')).toMatchObject({
      totalUnreadCount: 1,
      unreadRooms: 1,
    })
    expect(hanbit.all('new-message')).toEqual([])

    // Inside the room: messages on both sides, no badge and no row on either.
    hanbit.emit('join-room', { roomId })
    expect(await hanbit.next('joined-room')).toMatchObject({ roomId, seq: 1, readSeq: 1 })
    expect(await hanbit.next('total-unread-count-updated')).toMatchObject({ totalUnreadCount: 0 })
    await mina.settled()
    await hanbit.settled()
    mina.forget()
    hanbit.forget()
    for (const [index, sender] of [hanbit, mina, hanbit].entries()) {
      sender.emit('send-message', { roomId, message: `message ${index + 2}` })
      await mina.next('new-message', ({ seq }) => seq === index + 2)
      await hanbit.next('new-message', ({ seq }) => seq === index + 2)
    }
    for (const client of [mina, hanbit]) {
      expect(client.all('chat-room-updated')).toEqual([])
      expect(client.all('total-unread-count-updated')).toEqual([])
      expect(client.all('error')).toEqual([])
    }

    // leave-room with a bare string; what comes now is a row and a badge again.
    hanbit.emit('leave-room', roomId)
    await mina.next('user-left')
    mina.emit('send-message', { roomId, message: 'are you there?' })
    const row = await hanbit.next('chat-room-updated', (update) => update.last_message === 'are you there?')
    // What it got less than a round trip before it left may count too.
    expect(row.unread_count).toBeGreaterThanOrEqual(1)
    expect(await hanbit.next('total-unread-count-updated', ({ rev }) => rev === row.rev)).toMatchObject({
      totalUnreadCount: row.unread_count,
    })
    await mina.next('new-message', ({ seq }) => seq === 5)

    // The list, history in pages, reading, the count.
    const rooms = await tally().request('GET', '/api/chat/company/rooms', { as: 'hanbit' })
    expect(rooms.body.data).toMatchObject([{ id: roomId, last_message: 'are you there?' }])
    const newest = await tally().request('GET', `/api/chat/room/${roomId}/messages?limit=3&page=0`, {
      as: 'hanbit',
    })
    const { messages, pagination } = newest.body.data
    expect(messages.map(({ seq }: { seq: number }) => seq)).toEqual([5, 4, 3])
    expect(pagination).toMatchObject({ limit: 3, hasMore: true })
    const older = await tally().request(
      'GET',
      `/api/chat/room/${roomId}/messages?limit=3&before=${encodeURIComponent(pagination.nextCursor)}`,
      { as: 'hanbit' },
    )
    expect(older.body.data.messages.map(({ seq }: { seq: number }) => seq)).toEqual([2, 1])
    expect(older.body.data.pagination).toMatchObject({ hasMore: false })
    const read = await tally().request('PATCH', `/api/chat/room/${roomId}/read`, { as: 'hanbit' })
    expect(read.status).toBe(200)
    expect(
      await hanbit.next('total-unread-count-updated', (badge) => badge.totalUnreadCount === 0),
    ).toBeDefined()
    const count = await tally().request('GET', '/api/chat/unread-count', { as: 'hanbit' })
    expect(count.body).toEqual({ success: true, data: { totalUnreadCount: 0 } })
  })
})
