import type { Change, Message, MessageUpdated, Seq } from '@tally/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { MessageLog } from '../src/message-log.ts'
import { registerOf, registerOfWire, wireMessageOf } from '../src/message-register.ts'
import { ANN, message, page, ROOM } from './sample-messages.ts'

let log: MessageLog
beforeEach(() => {
  log = new MessageLog()
})

const seqs = (): number[] => log.window().messages.map(({ seq }) => seq)
const arrive = (seq: number, change: number): void => log.applyMessage(registerOf(message(seq, change)))
const edited = (seq: number, change: number): MessageUpdated =>
  ({ room_id: ROOM, seq, change, message: `edited at ${change}` }) as MessageUpdated
const sync = (messages: Message[], since: number, change: number): void =>
  log.applySync({ messages, since, change })

/** Messages 1 to 5, the whole history, with changes 1 to 5. */
function loadAll(): void {
  const items = [1, 2, 3, 4, 5].map((seq) => message(seq, seq))
  log.applyPage(page(items, { change: 5 }), { newest: true })
}

describe('a log whose end is loaded', () => {
  beforeEach(loadAll)

  test('appends what arrives in order', () => {
    arrive(6, 6)
    arrive(7, 7)
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(log.isBehind).toBe(false)
    expect(log.knownChange).toBe(7)
  })

  test('shows a message twice told once', () => {
    arrive(6, 6)
    arrive(6, 6)
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('does not show what comes after a hole, says that it is behind, and joins up when the hole is filled', () => {
    arrive(7, 7)
    expect(seqs()).toEqual([1, 2, 3, 4, 5])
    expect(log.isBehind).toBe(true)
    sync([message(6, 6), message(7, 7)], 5, 7)
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(log.isBehind).toBe(false)
  })

  test('fills a hole of several in whatever order they changed', () => {
    arrive(9, 9)
    sync([message(7, 10), message(8, 11), message(6, 12)], 5, 12)
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(log.isBehind).toBe(false)
  })

  test('notices a lost edit by the change that is missing', () => {
    arrive(6, 7)
    expect(log.isBehind).toBe(true)
    expect(log.knownChange).toBe(5)
    sync([message(2, 6, { text: 'better' }), message(6, 7)], 5, 7)
    expect(log.window().messages[1]?.text).toBe('better')
    expect(log.isBehind).toBe(false)
  })

  test('fetches an edit that overtook its message', () => {
    log.applyUpdate(edited(6, 7))
    arrive(6, 6)
    expect(log.isBehind).toBe(true)
    sync([message(6, 7, { text: 'edited' })], 5, 7)
    expect(log.window().messages[5]?.text).toBe('edited')
    expect(log.isBehind).toBe(false)
  })

  test('is behind when a head is known that it does not hold', () => {
    log.noteHead(6)
    expect(log.isBehind).toBe(true)
    sync([message(6, 6)], 5, 6)
    expect(log.isBehind).toBe(false)
  })

  test('is behind the room until it heard of everything that its row tells of', () => {
    log.noteRoomChange(5)
    expect(log.isBehind).toBe(false)
    log.noteRoomChange(7)
    arrive(6, 6)
    expect(log.isBehind).toBe(true)
    arrive(7, 7)
    expect(log.isBehind).toBe(false)
    log.noteRoomChange(8)
    sync([], 7, 8)
    expect(log.isBehind).toBe(false)
  })

  test('ignores an answer that begins later than what it knows', () => {
    log.applyPage(page([message(1, 1)], { hasAfter: true, change: 3 }), { before: 2 as never })
    expect(log.knownChange).toBe(3)
    sync([], 5, 9)
    expect(log.knownChange).toBe(3)
    expect(log.isBehind).toBe(true)
    sync([], 3, 9)
    expect(log.isBehind).toBe(false)
  })

  test('keeps the newest when it is trimmed, and loads the rest again', () => {
    log.showLast()
    log.bound('oldest', 2)
    expect(seqs()).toEqual([4, 5])
    expect(log.window().hasBefore).toBe(true)
    arrive(6, 6)
    expect(seqs()).toEqual([4, 5, 6])
  })
})

describe('a message told late that a page showed as it was before', () => {
  beforeEach(() => {
    const shown = [message(1, 2, { reactions: [{ emoji: '👍', userIds: [ANN] }] })]
    log.applyPage(page(shown, { change: 2 }), { newest: true })
  })
  const late = (parts: Partial<Message>) => wireMessageOf(message(1, 3, parts))

  test('is fetched where it names no reactions: they may have been taken off', () => {
    log.applyMessage(registerOfWire({ ...late({}), reactions: undefined }))
    expect(log.isBehind).toBe(true)
    sync([message(1, 3)], 2, 3)
    expect(log.isBehind).toBe(false)
    expect(log.get(1 as Seq)?.reactions).toEqual([])
  })

  test('is as it says where it names them', () => {
    const reactions = [{ emoji: '🎉', userIds: [ANN] }]
    log.applyMessage(registerOfWire(late({ reactions })))
    expect(log.isBehind).toBe(false)
    expect(log.get(1 as Seq)?.reactions).toEqual(reactions)
  })
})

test('an empty room has nothing before and nothing after', () => {
  log.applyPage(page([], { change: 1 }), { newest: true })
  expect(log.window()).toEqual({ messages: [], hasBefore: false, hasAfter: false })
  arrive(1, 2)
  expect(seqs()).toEqual([1])
  expect(log.isBehind).toBe(false)
})

test('a page asked for from beyond the end of the room tells nothing of what is not there yet', () => {
  log.applyPage(page([], { change: 1 }), { before: 9 as never })
  arrive(1, 2)
  arrive(3, 4)
  expect(seqs()).toEqual([1])
  expect(log.isBehind).toBe(true)
  log.applyPage(page([], { hasBefore: true, change: 4 }), { after: 9 as never })
  expect(seqs()).toEqual([1])
})

test('what happened while the first page was on its way is fetched, because it could not be applied', () => {
  log.applyUpdate(edited(2, 6))
  arrive(6, 7)
  loadAll()
  expect(log.isBehind).toBe(true)
  sync([message(2, 6, { text: 'edited' }), message(6, 7)], 5, 7)
  expect(seqs()).toEqual([1, 2, 3, 4, 5, 6])
  expect(log.window().messages[1]?.text).toBe('edited')
  expect(log.isBehind).toBe(false)
})

test('an edit that overtakes the page of its message is not lost', () => {
  log.applyPage(page([message(50, 60)], { hasBefore: true, change: 60 }), { newest: true })
  log.applyUpdate(edited(49, 61))
  expect(log.isBehind).toBe(false)
  log.applyPage(page([message(49, 49)], { hasBefore: true, hasAfter: true, change: 60 }), {
    before: 50 as never,
  })
  expect(log.knownChange).toBe(60)
  expect(log.isBehind).toBe(true)
  sync([message(49, 61, { text: 'edited' })], 60, 61)
  expect(log.window().messages[0]?.text).toBe('edited')
  expect(log.isBehind).toBe(false)
})

describe('a log opened in the middle', () => {
  beforeEach(() => {
    log.noteHead(100)
    const around = [48, 49, 50].map((seq) => message(seq, seq))
    log.applyPage(page(around, { hasBefore: true, hasAfter: true, change: 100 }), { before: 51 as never })
    const after = [51, 52].map((seq) => message(seq, seq))
    log.applyPage(page(after, { hasBefore: true, hasAfter: true, change: 100 }), { after: 50 as never })
  })

  test('shows one stretch with more on both sides', () => {
    expect(seqs()).toEqual([48, 49, 50, 51, 52])
    expect(log.window()).toMatchObject({ hasBefore: true, hasAfter: true })
    expect(log.isBehind).toBe(false)
  })

  test('leaves what arrives for when its end is shown', () => {
    arrive(101, 101)
    expect(seqs()).toEqual([48, 49, 50, 51, 52])
    expect(log.isBehind).toBe(false)
    expect(log.showNewest()).toBe(false)
    const between = Array.from({ length: 49 }, (_, index) => message(index + 53, index + 53))
    log.applyPage(page(between, { hasBefore: true, change: 101 }), { after: 52 as never })
    expect(seqs()[0]).toBe(48)
    expect(seqs().at(-1)).toBe(101)
    expect(log.window().hasAfter).toBe(false)
    arrive(102, 102)
    arrive(104, 104)
    expect(seqs().at(-1)).toBe(102)
    expect(log.isBehind).toBe(true)
  })

  test('knows that there is more although nobody said how much', () => {
    const alone = new MessageLog()
    alone.applyPage(page([message(1, 1)], { hasAfter: true, change: 9 }), { before: 2 as never })
    expect(alone.window()).toMatchObject({ hasBefore: false, hasAfter: true })
    expect(alone.isBehind).toBe(false)
  })

  test('goes to its end and back', () => {
    expect(log.showNewest()).toBe(false)
    log.applyPage(page([message(99, 99), message(100, 100)], { hasBefore: true, change: 100 as Change }), {
      newest: true,
    })
    expect(log.showNewest()).toBe(true)
    expect(seqs()).toEqual([99, 100])
    expect(log.showAround(50)).toBe(true)
    expect(seqs()).toEqual([48, 49, 50, 51, 52])
    expect(log.showAround(70)).toBe(false)
  })
})

describe('the end of a history', () => {
  test('is shown though a message was heard of that the page does not have yet', () => {
    log.applyPage(page([message(1, 1), message(2, 2)], { hasAfter: true, change: 100 }), { after: 0 as Seq })
    arrive(101, 101)
    expect(log.showNewest()).toBe(false)
    log.applyPage(page([message(99, 99), message(100, 100)], { hasBefore: true, change: 100 }), {
      newest: true,
    })
    log.showLast()
    expect(seqs()).toEqual([99, 100])
    sync([message(101, 101)], 100, 101)
    expect(seqs()).toEqual([99, 100, 101])
    expect(log.isBehind).toBe(false)
  })
})

describe('a log that somebody scrolls through', () => {
  const span = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => message(from + index, from + index))
  const loadMiddle = (): void => {
    log.noteHead(100)
    log.applyPage(page(span(41, 50), { change: 100, hasBefore: true, hasAfter: true }), { after: 40 as Seq })
  }

  test('forgets the oldest beyond so many on the way down, and can go back for them', () => {
    loadMiddle()
    log.applyPage(page(span(51, 60), { change: 100, hasBefore: true, hasAfter: true }), { after: 50 as Seq })
    log.bound('oldest', 12)
    expect([seqs()[0], seqs().at(-1), seqs().length]).toEqual([49, 60, 12])
    expect(log.window()).toMatchObject({ hasBefore: true, hasAfter: true })
    expect(log.get(48 as Seq)).toBeUndefined()
    // The end of the room was never loaded.
    expect(log.isBehind).toBe(false)
    log.applyPage(page(span(41, 48), { change: 100, hasBefore: true, hasAfter: true }), { before: 49 as Seq })
    expect(seqs().length).toBe(20)
  })

  test('forgets the newest on the way up, and is not behind for what is said there meanwhile', () => {
    log.applyPage(page(span(91, 100), { change: 100, hasBefore: true }), { newest: true })
    log.applyPage(page(span(81, 90), { change: 100, hasBefore: true, hasAfter: true }), { before: 91 as Seq })
    log.bound('newest', 12)
    expect([seqs()[0], seqs().at(-1)]).toEqual([81, 92])
    expect(log.window().hasAfter).toBe(true)
    arrive(101, 101)
    expect(log.isBehind).toBe(false)
    expect(seqs().at(-1)).toBe(92)
    log.applyPage(page(span(93, 101), { change: 101, hasBefore: true }), { after: 92 as Seq })
    expect([seqs().at(-1), log.window().hasAfter, log.isBehind]).toEqual([101, false, false])
    arrive(102, 102)
    expect(seqs().at(-1)).toBe(102)
  })

  test('forgets the oldest of what is said while somebody looks on, however long that is', () => {
    log.applyPage(page(span(91, 100), { change: 100, hasBefore: true }), { newest: true })
    for (let seq = 101; seq <= 5_000; seq++) arrive(seq, seq)
    expect([seqs()[0], seqs().at(-1), seqs().length]).toEqual([3_001, 5_000, 2_000])
    expect(log.window()).toMatchObject({ hasBefore: true, hasAfter: false })
    // Something happens to one that was forgotten.
    sync([message(200, 5_001)], 5_000, 5_001)
    expect([seqs().length, log.isBehind, log.knownChange]).toEqual([2_000, false, 5_001])
  })

  test('forgets nothing of it while something is missing, and then what is furthest', () => {
    log.applyPage(page(span(91, 100), { change: 100, hasBefore: true }), { newest: true })
    for (let seq = 101; seq <= 2_090; seq++) arrive(seq, seq)
    arrive(2_092, 2_092)
    expect([seqs()[0], seqs().at(-1), log.isBehind]).toEqual([91, 2_090, true])
    sync([message(2_091, 2_091), message(2_092, 2_092)], 2_090, 2_092)
    expect([seqs()[0], seqs().at(-1), log.isBehind]).toEqual([93, 2_092, false])
  })

  test('forgets the end of the room rather than where somebody reads', () => {
    log.applyPage(page(span(91, 100), { change: 100, hasBefore: true }), { newest: true })
    log.applyPage(page(span(41, 50), { change: 100, hasBefore: true, hasAfter: true }), { after: 40 as Seq })
    log.showAround(45)
    for (let seq = 101; seq <= 3_000; seq++) arrive(seq, seq)
    expect([seqs()[0], seqs().at(-1), seqs().length]).toEqual([41, 50, 10])
    expect([log.window().hasAfter, log.isBehind, log.newest?.seq]).toEqual([true, false, 50])
  })

  test('is not behind for what was heard beyond a hole and is forgotten', () => {
    log.applyPage(page(span(91, 100), { change: 100, hasBefore: true }), { newest: true })
    arrive(102, 102)
    log.showAround(100)
    log.bound('oldest', 5)
    arrive(101, 101)
    expect([seqs()[0], seqs().at(-1), log.window().hasAfter, log.isBehind]).toEqual([96, 100, true, false])
  })

  test('at its end is behind for what was heard beyond a hole, and has it as soon as the hole is filled', () => {
    log.applyPage(page(span(91, 100), { change: 100, hasBefore: true }), { newest: true })
    log.noteHead(101)
    log.showLast()
    log.bound('oldest', 5)
    expect(log.isBehind).toBe(true)
    sync([message(101, 101)], 100, 101)
    expect([seqs()[0], seqs().at(-1), log.window().hasAfter, log.isBehind]).toEqual([96, 101, false, false])
  })

  test('keeps everything while there is not too much', () => {
    loadMiddle()
    log.bound('oldest', 10)
    expect(seqs().length).toBe(10)
  })
})
