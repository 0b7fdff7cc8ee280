import type { MessageList, MessageState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { createNews } from './room-news.ts'

const meId = 'me' as UserId

const message = (seq: number, over: Record<string, unknown> = {}) =>
  ({ key: `m${seq}`, seq, senderId: 'other', text: `text ${seq}`, state: 'sent', ...over }) as MessageState

/** A room, as it looks each time one asks. */
function room(): (items: MessageState[], over?: { hasAfter?: boolean; lastSeq?: number }) => string[] {
  const news = createNews()
  return (items, { hasAfter = false, lastSeq = 1 } = {}) => {
    const messages: MessageList = { items, hasAfter, hasBefore: false, loading: false, firstUnreadSeq: null }
    const { incoming, failed } = news({ messages, lastSeq, meId })
    return [...incoming, ...failed].map(({ text }) => text)
  }
}

test('what others say while one looks is new, all of it, also with the same words', () => {
  const look = room()
  const items = [message(1), message(2)]
  expect(look(items)).toEqual([])
  items.push(message(3, { text: 'OK' }), message(4, { text: 'OK' }), message(5, { senderId: 'me' }))
  expect(look([...items])).toEqual(['OK', 'OK'])
  expect(look([...items])).toEqual([])
})

test('the first message of an empty room is new', () => {
  const look = room()
  expect(look([], { lastSeq: 0 })).toEqual([])
  expect(look([message(1)])).toEqual(['text 1'])
})

test('pages of the history are not, in whichever direction one goes', () => {
  const look = room()
  expect(look([message(10)], { hasAfter: true })).toEqual([])
  expect(look([message(10), message(11)], { hasAfter: true })).toEqual([])
  expect(look([message(10), message(11), message(12)])).toEqual([])
  expect(look([message(9), message(10), message(11), message(12)])).toEqual([])
  expect(look([message(1)], { hasAfter: true })).toEqual([])
  expect(look([message(20)])).toEqual([])
  expect(look([message(20), message(21)])).toEqual(['text 21'])
})

test('what is refused is new once, also when it is refused again', () => {
  const look = room()
  const waiting = message(0, { key: 'w', senderId: 'me', text: 'w', state: 'sending' })
  const failed = { ...waiting, state: 'failed' } as MessageState
  const early = message(0, { key: 'e', senderId: 'me', text: 'e', state: 'failed' })
  expect(look([message(1), early, waiting])).toEqual([])
  expect(look([message(1), early, failed])).toEqual(['w'])
  expect(look([message(1), early, failed])).toEqual([])
  expect(look([message(1), early, waiting])).toEqual([])
  expect(look([message(1), early, failed])).toEqual(['w'])
})
