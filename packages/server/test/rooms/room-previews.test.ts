import type { RoomId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { type RoomPreview, RoomPreviews } from '../../src/actions/room-previews.ts'

const r1 = 'r1' as RoomId
const preview = (change: number, lastMessage = `at ${change}`): RoomPreview => ({
  lastMessage,
  lastMessageAt: null,
  lastSeq: change,
  lastSenderId: null,
  change,
  membership: 1,
})

function setUp(stored: Record<string, RoomPreview> = {}, { maxRooms = 10, maxChars = 1_000 } = {}) {
  const reads: RoomId[][] = []
  const previews = new RoomPreviews({
    maxRooms,
    maxChars,
    read: async (roomIds) => {
      reads.push([...roomIds])
      return new Map(roomIds.flatMap((roomId) => (stored[roomId] ? [[roomId, stored[roomId]]] : [])))
    },
  })
  return { previews, reads, stored }
}

test('a message that comes late does not replace a newer one', () => {
  const { previews } = setUp()
  previews.put(r1, preview(5))
  previews.put(r1, preview(4))
  expect(previews.peek(r1)).toEqual(preview(5))
})

test('a preview older than the room is as good as none', () => {
  const { previews } = setUp()
  previews.put(r1, preview(5))
  expect(previews.peek(r1, 5)).toEqual(preview(5))
  expect(previews.peek(r1, 6)).toBeUndefined()
})

test('what is loaded is remembered, all rooms by one query', async () => {
  const { previews, reads } = setUp({ r1: preview(2), r2: preview(3) })
  const loaded = await previews.load([r1, 'r2' as RoomId, 'gone' as RoomId])
  expect([...loaded.keys()]).toEqual(['r1', 'r2'])
  expect(previews.peek(r1, 2)).toEqual(preview(2))
  expect(reads).toHaveLength(1)
})

test('a load that began before an edit does not bring the old text back', async () => {
  const { previews } = setUp({ r1: preview(4, 'old') })
  const loading = previews.load([r1])
  previews.put(r1, preview(5, 'new'))
  expect((await loading).get(r1)?.lastMessage).toBe('new')
  expect(previews.peek(r1)?.lastMessage).toBe('new')
})

test('the least recently used rooms go first', () => {
  const { previews } = setUp({}, { maxRooms: 2 })
  previews.put('a' as RoomId, preview(1))
  previews.put('b' as RoomId, preview(1))
  previews.peek('a' as RoomId)
  previews.put('c' as RoomId, preview(1))
  expect(previews.peek('b' as RoomId)).toBeUndefined()
  expect(previews.peek('a' as RoomId)).toBeDefined()
  previews.forget('a' as RoomId)
  expect(previews.peek('a' as RoomId)).toBeUndefined()
})

test('and so they do when their texts are long, however few they are', () => {
  const { previews } = setUp({}, { maxChars: 100 })
  previews.put('a' as RoomId, preview(1, 'x'.repeat(40)))
  previews.put('b' as RoomId, preview(1, 'x'.repeat(40)))
  previews.put('a' as RoomId, preview(2, 'x'.repeat(70)))
  expect(previews.peek('b' as RoomId)).toBeUndefined()
  expect(previews.peek('a' as RoomId)?.change).toBe(2)
  // Longer than everything together may be: what was known of the room is not true any more.
  previews.put('a' as RoomId, preview(3, 'x'.repeat(101)))
  expect(previews.peek('a' as RoomId)).toBeUndefined()
})
