import type { MessageState } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { createDayKey } from '../format/format.ts'
import { type TimelineInput, timelineOf } from './timeline.ts'

const dayKey = createDayKey('Asia/Seoul')
const meId = 'me' as UserId
const second = 2 as Seq

const message = (seq: number, at: string, over: Record<string, unknown> = {}) =>
  ({
    key: `m${seq}`,
    id: `m${seq}`,
    seq,
    senderId: 'other',
    type: 'regular',
    text: `text ${seq}`,
    createdAt: `2025-08-${at}Z`,
    reactions: [],
    state: 'sent',
    ...over,
  }) as unknown as MessageState

const rows = (items: MessageState[], over: Partial<TimelineInput> = {}) =>
  timelineOf({
    items,
    hasBefore: false,
    meId,
    firstUnreadSeq: null,
    newCount: null,
    named: false,
    dayKey,
    ...over,
  }).map((row) => {
    if (row.kind === 'message') return `${row.own ? 'own' : 'msg'} ${row.message.key}${row.last ? ' |' : ''}`
    if (row.kind === 'system') return `system ${row.message.key}`
    if (row.kind === 'name') return `name ${row.senderId}`
    return row.kind === 'new' ? `new ${row.count}` : 'day'
  })

describe('groups', () => {
  test('hold what one person says within five minutes', () => {
    const items = [message(1, '14T01:00:00'), message(2, '14T01:05:00'), message(3, '14T01:10:01')]
    expect(rows(items)).toEqual(['day', 'msg m1', 'msg m2 |', 'msg m3 |'])
  })
  test('end where another person speaks, and where the day ends', () => {
    const items = [
      message(1, '14T14:58:00'),
      message(2, '14T14:59:00', { senderId: 'me' }),
      message(3, '14T15:00:00', { senderId: 'me' }),
    ]
    expect(rows(items)).toEqual(['day', 'msg m1 |', 'own m2 |', 'day', 'own m3 |'])
  })
  test('end where the send state changes: a failed message shows that it failed', () => {
    const items = [
      message(1, '14T01:00:00', { senderId: 'me' }),
      message(2, '14T01:00:01', { senderId: 'me', state: 'failed' }),
    ]
    expect(rows(items)).toEqual(['day', 'own m1 |', 'own m2 |'])
  })
  test('of several that failed each shows it, and what can be done about it', () => {
    const failed = { senderId: 'me', state: 'failed' }
    const items = [message(1, '14T01:00:00', failed), message(2, '14T01:00:01', failed)]
    expect(rows(items)).toEqual(['day', 'own m1 |', 'own m2 |'])
  })
})

describe('the line above new messages', () => {
  const items = [message(1, '14T01:00:00'), message(2, '14T01:00:10'), message(3, '14T01:00:20')]
  test('stands above the first unread one and parts the group', () => {
    expect(rows(items, { firstUnreadSeq: second, newCount: 2 })).toEqual([
      'day',
      'msg m1 |',
      'new 2',
      'msg m2',
      'msg m3 |',
    ])
  })
  test('stands above the next one when the first unread one is not there', () => {
    expect(rows([items[0]!, items[2]!], { firstUnreadSeq: second })).toEqual([
      'day',
      'msg m1 |',
      'new null',
      'msg m3 |',
    ])
  })
  test('is drawn once, and never above a message that is still on its way', () => {
    const pending = message(0, '14T01:01:00', { senderId: 'me', state: 'sending' })
    expect(rows([items[0]!, pending], { firstUnreadSeq: second })).toEqual(['day', 'msg m1 |', 'own m0 |'])
  })
})

test('in a group, names stand above what others say, once per group of messages', () => {
  const items = [
    message(1, '14T01:00:00', { senderId: 'a' }),
    message(2, '14T01:00:10', { senderId: 'a' }),
    message(3, '14T01:00:20', { senderId: 'me' }),
    message(4, '14T01:00:30', { senderId: null }),
  ]
  expect(rows(items, { named: true })).toEqual([
    'day',
    'name a',
    'msg m1',
    'msg m2 |',
    'own m3 |',
    'name null',
    'msg m4 |',
  ])
})

test('a system message stands for itself', () => {
  const items = [
    message(1, '14T01:00:00'),
    message(2, '14T01:00:10', { senderId: null, type: 'system' }),
    message(3, '14T01:00:20'),
  ]
  expect(rows(items)).toEqual(['day', 'msg m1 |', 'system m2', 'msg m3 |'])
})

test('an older page changes no row that is already there: it only adds rows before it', () => {
  const older = [
    message(1, '12T01:00:00', { senderId: 'a' }),
    message(2, '13T15:00:00', { senderId: 'a' }),
    message(3, '14T01:00:00', { senderId: 'a' }),
  ]
  const newer = [message(4, '14T01:00:10', { senderId: 'a' }), message(5, '14T03:00:10', { senderId: 'b' })]
  for (let cut = 0; cut <= older.length; cut++) {
    const input = { meId, firstUnreadSeq: null, newCount: null, named: true, dayKey }
    const before = timelineOf({ ...input, items: newer, hasBefore: true })
    const after = timelineOf({ ...input, items: [...older.slice(cut), ...newer], hasBefore: cut > 0 })
    expect(after.slice(-before.length)).toEqual(before)
  }
})

test('the line stands above the first unread message, and nowhere when that one is not loaded', () => {
  const items = [message(3, '14T01:00:00'), message(4, '14T01:01:00')]
  const unread = (firstUnreadSeq: number) =>
    rows(items, { hasBefore: true, firstUnreadSeq: firstUnreadSeq as Seq })
  expect(unread(2)).not.toContain('new null')
  expect(unread(3)[0]).toBe('new null')
  expect(unread(4)).toContain('new null')
})
