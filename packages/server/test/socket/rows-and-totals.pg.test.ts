import type { RoomId } from '@tally/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { DATABASES } from '../scenarios/scenario-world.ts'
import type { AppClient, PayloadOf } from './app-client.ts'
import { useTally } from './running-tally.ts'

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
    const loads = vi.spyOn(previews, 'load').mockImplementation(async (roomIds) => {
      await promise
      return load(roomIds)
    })
    return { loads, release: resolve }
  }

  /** Every total with the sum of the rows as they were shown at that moment, of a device that showed these before. */
  function shown({ heard }: AppClient, rows: Map<string, number>): [total: number, sum: number][] {
    return heard.flatMap(({ event, payload }) => {
      if (event === 'chat-room-updated') {
        const { roomId, unread_count } = payload as PayloadOf<typeof event>
        rows.set(roomId, unread_count)
      }
      if (event !== 'total-unread-count-updated') return []
      const { totalUnreadCount } = payload as PayloadOf<typeof event>
      return [[totalUnreadCount, Array.from(rows.values()).reduce((sum, unread) => sum + unread, 0)]]
    })
  }

  const read = (as: string, roomId: RoomId) =>
    tally().request('POST', `/v1/rooms/${roomId}/read`, { as, body: {} })

  test('add up at every total, also while a row has to be looked up', async () => {
    const { reader, writer, rooms } = await setUp('mina')
    const { loads, release } = slowLookUp()
    const reading = read('mina', rooms[0])
    await vi.waitFor(() => expect(loads).toHaveBeenCalled())
    await writer.call('send-message', { roomId: rooms[1], message: 'again' })
    release()
    await reading
    await reader.next(
      'chat-room-updated',
      ({ roomId, unread_count }) => roomId === rooms[0] && unread_count === 0,
    )
    await reader.settled()
    const states = shown(reader, new Map(rooms.map((roomId) => [roomId, 1])))
    expect(states.at(-1)).toEqual([2, 2])
    for (const [total, sum] of states) expect(sum).toBe(total)
  })

  test('a total does not wait long for its rows, and they come when they are there', async () => {
    const { reader, rooms } = await setUp('joon')
    const { release } = slowLookUp()
    await read('joon', rooms[0])
    await reader.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    expect(reader.all('chat-room-updated').some(({ unread_count }) => unread_count === 0)).toBe(false)
    release()
    const row = await reader.next('chat-room-updated', ({ unread_count }) => unread_count === 0)
    expect(row).toMatchObject({ roomId: rooms[0], last_message: 'hello' })
  })
})
