import type { RoomId, UserId } from '@tally/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { DATABASES } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('rows of the room list and the total, on %s', (kind) => {
  const tally = useTally(kind)
  afterEach(() => void vi.restoreAllMocks())

  /** Somebody with an unread message in each of two rooms, and nobody remembers what was last said in the first. */
  async function setUp(name: string) {
    const [reader, writer] = [await tally().signIn(name), await tally().signIn(`${name}-writer`)]
    const rooms = [
      await tally().room(`${name}-writer`, name),
      await tally().room(`${name}-writer`, name),
    ] as const
    for (const roomId of rooms) await writer.call('send-message', { roomId, message: 'hello' })
    await reader.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 2)
    await reader.settled()
    reader.forget()
    tally().ctx.previews.forget(rooms[0])
    return { reader, writer, rooms }
  }

  /** The database takes its time for the next look-up of a last message. */
  function slowLookUp() {
    const { previews } = tally().ctx
    const { promise, resolve } = Promise.withResolvers<void>()
    const load = previews.load.bind(previews)
    vi.spyOn(previews, 'load').mockImplementation(async (roomIds) => {
      await promise
      return load(roomIds)
    })
    return resolve
  }

  const read = (as: string, roomId: RoomId) =>
    tally().request('POST', `/v1/rooms/${roomId}/read`, { as, body: {} })

  test('rows that changed lately are looked up for who was here when the copy was made anew, and not for who comes', async () => {
    const { ctx } = tally()
    const tell = vi.spyOn(ctx.recentRows, 'tell')
    const told = (userId: UserId) =>
      tell.mock.calls.some(([people]) => people.some((one) => one.userId === userId))
    const [here, comes] = ['was-here', 'just-comes'] as [UserId, UserId]
    await tally().room(here, comes)
    await tally().signIn(here)
    await tally().signIn(comes)
    expect([told(here), told(comes)]).toEqual([false, false])
    ctx.warmer.again([{ userId: here }])
    await vi.waitFor(() => expect(told(here)).toBe(true), { timeout: 15_000 })
    expect(told(comes)).toBe(false)
  })

  test('a total does not wait long for its rows, and they come when they are there', async () => {
    const { reader, rooms } = await setUp('joon')
    const release = slowLookUp()
    await read('joon', rooms[0])
    await reader.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    expect(reader.all('chat-room-updated').some(({ unread_count }) => unread_count === 0)).toBe(false)
    release()
    const row = await reader.next('chat-room-updated', ({ unread_count }) => unread_count === 0)
    expect(row).toMatchObject({ roomId: rooms[0], last_message: 'hello' })
  })
})
