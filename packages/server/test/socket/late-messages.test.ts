import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { messageDeleted } from '../../src/actions/message-events.ts'
import {
  ANN,
  BOB,
  begin,
  deletedAt,
  device,
  editedAt,
  inShort,
  message,
  ROOM,
  streamsWith,
} from './streams-world.ts'

// A device may have a message from a page before its node tells of it: what became of it in between must not pass for heard.

const reactions = [{ emoji: '👍', userIds: [BOB] }]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a message that a node tells late', () => {
  test('a message that was deleted before it could be told goes from screens that read it from a page', async () => {
    const { streams } = streamsWith(() => [message(1, { change: 4, deletedAt, text: '' })])
    const [ann, bob] = [device(ANN), device(BOB)]
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    // Bob's join read a newer head than was passed on so far.
    streams.start(ROOM, streams.subscribe(ROOM, bob.listener), begin(1))
    const left = { roomId: ROOM, userId: 'cem', deleted: false, change: 3 }
    streams.event({ kind: 'room-event', roomId: ROOM, event: 'member-left', payload: left })
    streams.head({ roomId: ROOM, change: 4 })
    await vi.advanceTimersByTimeAsync(101)
    for (const { heard } of [ann, bob]) {
      expect(heard.map(([event, { change }]) => [event, change])).toEqual([
        ['member-left', 3],
        ['message-deleted', 4],
        // What is left may have been of the room itself. Never the change of a message: it was not heard of by this.
        ['room-changed', 2],
      ])
    }
  })

  test('a message that is told late, as it is by now, tells what became of it', () => {
    const { streams } = streamsWith(() => [])
    const [ann, bob] = [device(ANN), device(BOB)]
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.start(ROOM, streams.subscribe(ROOM, bob.listener), begin(2))
    streams.message(message(1, { change: 4, deletedAt, text: '' }))
    streams.message(message(2, { change: 3, editedAt, text: 'better' }))
    expect(inShort(ann.heard)).toEqual([
      ['message-deleted', 1],
      // With everything that it is by now, and once more for a screen that has it from a page.
      ['new-message', 2, 'better'],
      ['message-updated', 2, 'better'],
    ])
    expect(ann.heard[1]?.[1]).toMatchObject({ change: 3, edited_at: editedAt })
    expect(inShort(bob.heard)).toEqual([
      ['message-deleted', 1],
      ['message-updated', 2, 'better'],
    ])
  })

  test('a reaction that came before its message was told is told with it', () => {
    const { streams } = streamsWith(() => [])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    streams.message(message(1, { change: 2, reactions }))
    expect(ann.heard).toMatchObject([
      ['new-message', { seq: 1, change: 2, reactions }],
      ['message-updated', { seq: 1, change: 2, reactions }],
    ])
  })

  test('whoever has read beyond a late message is told that a reaction was taken off it', () => {
    const { streams } = streamsWith(() => [])
    const [ann, bob] = [device(ANN), device(BOB)]
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    // Bob read the reaction, of change 2, from a page.
    streams.start(ROOM, streams.subscribe(ROOM, bob.listener), { ...begin(1), change: 2 })
    streams.message(message(1, { change: 3 }))
    expect(bob.heard).toMatchObject([['message-updated', { seq: 1, change: 3, reactions: [] }]])
  })

  test('what a join holds is what came last of the message, in whatever order it came', () => {
    const { streams } = streamsWith(() => [])
    const [ann, bob] = [device(ANN), device(BOB)]
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    const joining = streams.subscribe(ROOM, bob.listener)
    streams.message(message(1, { change: 2, deletedAt, text: '' }))
    streams.message(message(1))
    streams.start(ROOM, joining, begin(0))
    expect(bob.heard[0]).toMatchObject(['message-deleted', { seq: 1, change: 2 }])
    expect(bob.seqs()).toEqual([])
  })

  test('what a first join holds of a message comes after it', () => {
    const { streams } = streamsWith(() => [])
    const ann = device(ANN)
    const joining = streams.subscribe(ROOM, ann.listener)
    streams.message(message(1))
    const payload = { room_id: ROOM, seq: 1, change: 2, deleted_at: deletedAt }
    streams.event({ kind: 'room-event', roomId: ROOM, event: 'message-deleted', payload })
    streams.start(ROOM, joining, begin(0))
    expect(inShort(ann.heard)).toEqual([
      ['new-message', 1, 'text 1'],
      ['message-deleted', 1],
    ])
  })

  test('an event that was early and is older than its message says what the message says', () => {
    const { streams } = streamsWith(() => [])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    const early = (seq: number, change: number, more: object) => {
      const payload = { room_id: ROOM, seq, change, ...more }
      streams.event({ kind: 'room-event', roomId: ROOM, event: 'message-updated', payload })
    }
    early(1, 5, { message: 'older edit', edited_at: editedAt })
    early(2, 6, { message: 'older edit', edited_at: editedAt })
    early(3, 7, { reactions })
    early(3, 10, { reactions: [] })
    streams.message(message(1, { change: 8, deletedAt, text: '' }))
    streams.message(message(2, { change: 9, editedAt, text: 'newest' }))
    // A reaction that was put and taken off again: nothing at the message itself tells of it.
    streams.message(message(3, { change: 10 }))
    expect(ann.heard).toMatchObject([
      ['message-deleted', { seq: 1, change: 8 }],
      ['message-deleted', { seq: 1, change: 5 }],
      ['new-message', { seq: 2, change: 9 }],
      ['message-updated', { seq: 2, change: 9, message: 'newest' }],
      ['message-updated', { seq: 2, change: 6, message: 'newest' }],
      ['new-message', { seq: 3, change: 10 }],
      ['message-updated', { seq: 3, change: 7, reactions: [] }],
    ])
  })

  test('a deletion that is looked up while an older form waits for its turn comes after it', async () => {
    const others = Array.from({ length: 99 }, (_, index) =>
      message(index + 1, { change: 151 + index, editedAt }),
    )
    const deleted = message(101, { change: 150, deletedAt, text: '' })
    const { streams } = streamsWith(() => [deleted, ...others, message(100, { change: 300, editedAt })])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(99))
    streams.head({ roomId: ROOM, change: 300 })
    await vi.advanceTimersByTimeAsync(99)
    // Its frame was slow, and the one of 100 was lost.
    streams.message(message(101))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(inShort(ann.heard.filter(([, { seq }]) => seq === 101)).at(-1)).toEqual(['message-deleted', 101])
  })

  test('a message that is told again as it is by now tells what became of it, once', () => {
    const { streams } = streamsWith(() => [])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    for (const seq of [1, 3]) streams.message(message(seq))
    // The frames of the deletion and of the edit were lost.
    for (const again of [1, 2]) {
      streams.message(message(1, { change: 4, deletedAt, text: '' }))
      streams.message(message(3, { change: 5, editedAt, text: `better ${again}` }))
    }
    streams.message(message(2))
    expect(inShort(ann.heard)).toEqual([
      ['new-message', 1, 'text 1'],
      ['message-deleted', 1],
      ['new-message', 2, 'text 2'],
      ['new-message', 3, 'text 3'],
      ['message-updated', 3, 'better 1'],
    ])
  })

  test('shows the text of a message that was edited before it could be told', async () => {
    const { streams } = streamsWith(() => [message(1, { change: 2, editedAt, text: 'better' })])
    const ann = device(ANN)
    streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
    const payload = { room_id: ROOM, seq: 1, change: 2, message: 'better' }
    streams.event({ kind: 'room-event', roomId: ROOM, event: 'message-updated', payload })
    streams.head({ roomId: ROOM, change: 2 })
    await vi.advanceTimersByTimeAsync(101)
    expect(inShort(ann.heard)).toEqual([
      ['new-message', 1, 'better'],
      ['message-updated', 1, 'better'],
      // Of two changes one is found: the other one might have been of the room itself.
      ['room-changed', undefined],
    ])
  })

  describe('edits, reactions and deletions of different nodes cross', () => {
    const told = (seq: number, change: number, more: object) => ({
      kind: 'room-event' as const,
      roomId: ROOM,
      event: 'message-updated' as const,
      payload: { room_id: ROOM, seq, change, ...more },
    })
    const withMessages = (count: number) => {
      const { streams } = streamsWith(() => [])
      const ann = device(ANN)
      streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
      for (let seq = 1; seq <= count; seq += 1) streams.message(message(seq))
      ann.heard.splice(0)
      return { streams, ann }
    }

    test('the text of a message that is gone does not come back, whichever way it went', () => {
      const { streams, ann } = withMessages(2)
      streams.event(messageDeleted(message(1, { change: 8, deletedAt })))
      streams.event(told(1, 5, { message: 'edited before', edited_at: editedAt }))
      streams.event(told(1, 6, { reactions }))
      // As it is by now, because the deletion itself was lost.
      streams.message(message(2, { change: 9, deletedAt, text: '' }))
      streams.event(told(2, 7, { message: 'edited before', edited_at: editedAt, reactions }))
      expect(ann.heard).toEqual([
        ['message-deleted', { room_id: ROOM, seq: 1, change: 8, deleted_at: deletedAt }],
        // Each with its own change: a device that counts them misses none.
        ['message-deleted', { room_id: ROOM, seq: 1, change: 5, deleted_at: deletedAt }],
        ['message-deleted', { room_id: ROOM, seq: 1, change: 6, deleted_at: deletedAt }],
        ['message-deleted', { room_id: ROOM, seq: 2, change: 9, deleted_at: deletedAt }],
        ['message-deleted', { room_id: ROOM, seq: 2, change: 7, deleted_at: deletedAt }],
      ])
    })

    test('an older text says the newer one, and an older reaction the newer ones, each for itself', () => {
      const { streams, ann } = withMessages(1)
      streams.event(told(1, 5, { message: 'newer', edited_at: editedAt }))
      streams.event(told(1, 3, { reactions }))
      streams.event(told(1, 4, { message: 'older', edited_at: deletedAt, reactions: [] }))
      streams.event(told(1, 2, { reactions: [] }))
      streams.event(told(1, 6, { message: 'newest', edited_at: editedAt }))
      const place = { room_id: ROOM, seq: 1 }
      expect(ann.heard.map(([, payload]) => payload)).toEqual([
        { ...place, change: 5, message: 'newer', edited_at: editedAt },
        { ...place, change: 3, reactions },
        { ...place, change: 4, message: 'newer', edited_at: editedAt, reactions: [] },
        { ...place, change: 2, reactions: [] },
        { ...place, change: 6, message: 'newest', edited_at: editedAt },
      ])
    })

    test('an update from before the first joining is told as the message is by now', async () => {
      const now = message(2, { change: 9, reactions })
      const { streams, reads } = streamsWith(() => [message(1), now])
      const ann = device(ANN)
      const joining = streams.subscribe(ROOM, ann.listener)
      // Still on its way while the device joins, which then reads a page that shows more.
      streams.event(told(2, 8, { reactions: [] }))
      streams.start(ROOM, joining, { ...begin(2), change: 9 })
      streams.event(told(2, 7, { message: 'older', edited_at: editedAt }))
      await vi.advanceTimersByTimeAsync(0)
      expect(reads.map(({ afterSeq, limit }) => [afterSeq, limit])).toEqual([[1, 1]])
      // What happens from then on nobody has to look up.
      streams.event(told(2, 10, { message: 'newest', edited_at: editedAt }))
      expect(reads).toHaveLength(1)
      expect(ann.heard.map(([, payload]) => payload)).toEqual([
        { room_id: ROOM, seq: 2, change: 9, reactions },
        { room_id: ROOM, seq: 2, change: 10, message: 'newest', edited_at: editedAt },
      ])
    })

    test('where it cannot be looked up, such an update is not told: the page shows it', async () => {
      const { streams, errors } = streamsWith(() => new Error('away'))
      const ann = device(ANN)
      streams.start(ROOM, streams.subscribe(ROOM, ann.listener), { ...begin(2), change: 9 })
      streams.event(told(2, 8, { reactions }))
      await vi.advanceTimersByTimeAsync(0)
      expect(ann.heard).toEqual([])
      expect(errors).toHaveLength(1)
    })

    test('a reaction that was taken off before its message was told stays off', async () => {
      const { streams } = streamsWith(() => [message(1, { change: 3 })])
      const ann = device(ANN)
      streams.start(ROOM, streams.subscribe(ROOM, ann.listener), begin(0))
      // The message, and that the reaction was taken off: both were lost.
      streams.head({ roomId: ROOM, change: 3 })
      await vi.advanceTimersByTimeAsync(101)
      streams.event(told(1, 2, { reactions }))
      expect(ann.heard).toMatchObject([
        ['new-message', { seq: 1, change: 3 }],
        ['message-updated', { seq: 1, change: 3, reactions: [] }],
        ['room-changed', { change: 2 }],
        ['message-updated', { seq: 1, change: 2, reactions: [] }],
      ])
    })

    test('an event of the future, of neither text nor reactions, is told as it came', () => {
      const { streams, ann } = withMessages(1)
      streams.event(told(1, 2, { pinned: true }))
      expect(ann.heard).toEqual([['message-updated', { room_id: ROOM, seq: 1, change: 2, pinned: true }]])
    })

    test('a database that lost a deletion may tell of its message again', () => {
      const { streams, ann } = withMessages(1)
      streams.event(messageDeleted(message(1, { change: 5, deletedAt })))
      streams.event(told(1, 6, { message: 'there again', edited_at: editedAt }))
      expect(inShort(ann.heard)).toEqual([
        ['message-deleted', 1],
        ['message-updated', 1, 'there again'],
      ])
    })

    test('what was told is told once', () => {
      const { streams, ann } = withMessages(1)
      for (let again = 0; again < 2; again += 1) streams.event(told(1, 2, { reactions }))
      for (let again = 0; again < 2; again += 1) {
        streams.event(messageDeleted(message(1, { change: 3, deletedAt })))
      }
      expect(inShort(ann.heard)).toEqual([
        ['message-updated', 1],
        ['message-deleted', 1],
      ])
    })

    test('what is remembered of a room has an end, and begins with what changed longest ago', () => {
      const { streams, ann } = withMessages(51)
      for (let seq = 1; seq <= 51; seq += 1) {
        streams.event(messageDeleted(message(seq, { change: 1_000 + seq, deletedAt })))
      }
      ann.heard.splice(0)
      streams.event(told(2, 900, { message: 'older', edited_at: editedAt }))
      streams.event(told(1, 901, { message: 'older', edited_at: editedAt }))
      expect(inShort(ann.heard)).toEqual([
        ['message-deleted', 2],
        ['message-updated', 1, 'older'],
      ])
    })
  })
})
