import type { RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { createI18n } from '../i18n/i18n.ts'
import { notesOfRooms } from './notes-of-rooms.ts'

const { t } = await createI18n('en')
const meId = 'me' as UserId

function roomOf(id: string, { kind = 'direct', text = `from ${id}`, left = false } = {}) {
  const members = ['me', id, ...(kind === 'group' ? ['zoe'] : [])].map((userId) => ({
    userId,
    name: userId.toUpperCase(),
    left: left && userId === id,
  }))
  const lastMessage = { seq: 1, senderId: id, text, createdAt: '2026-01-01T00:00:00.000Z' }
  return { id, kind, title: null, metadata: {}, members, lastMessage } as unknown as RoomState
}

const plain = (text: string) => text.replaceAll(/[\u2068\u2069]/g, '')
const said = (...rooms: RoomState[]) =>
  notesOfRooms(rooms, { t, meId }).map(({ title, body, path }) => [title, plain(body), path])

test('who said what, and where; the newest last', () => {
  expect(said(roomOf('bob'), roomOf('ann'))).toEqual([
    ['ANN', 'from ann', '/r/ann'],
    ['BOB', 'from bob', '/r/bob'],
  ])
})

test('in a group, who of it', () => {
  expect(said(roomOf('bob', { kind: 'group' }))).toEqual([['BOB, ZOE', 'BOB: from bob', '/r/bob']])
})

test('that it was deleted, and that whoever said it has left', () => {
  expect(said(roomOf('bob', { text: '', left: true }))).toEqual([
    ['Former user', 'Deleted message', '/r/bob'],
  ])
})

test('in many rooms at once, in how many and in which: one notification', () => {
  expect(said(...['a', 'b', 'c', 'd'].map((id) => roomOf(id)))).toEqual([
    ['New messages in 4 chats', 'A, B, C, D', '/'],
  ])
})
