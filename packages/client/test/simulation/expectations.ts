import type { RoomId } from '@tally/protocol'
import { expect } from 'vitest'
import { isConnected } from '../../src/connection-status.ts'
import { peopleOf } from './simulated-server.ts'
import { ME, ROOMS, type World } from './world.ts'

/** At no moment may a screen show a message twice, out of order, or with a hole. */
export function expectOrder(world: World): void {
  for (const roomId of ROOMS) {
    const seqs = world.shown(roomId).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index))
    const keys = world.client
      .room(roomId)
      .messages.get()
      .items.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  }
}

/** The badge, the numbers it is made of, and what is on the screen are what a fresh fetch would show. */
export function expectNumbers(world: World): void {
  const { client, server } = world
  expect(client.connection.get()).toSatisfy(isConnected)
  const { total, unreadRooms, notifications } = server.badge(ME)
  expect(client.badge.get()).toMatchObject({ total, unreadRooms, notifications })
  for (const roomId of present(world)) {
    const { unread_count: unread, muted } = server.row(ME, roomId)
    if (!muted) expect(client.room(roomId).state.get()?.me.unread ?? 0).toBe(unread)
    if (world.openRooms.includes(roomId)) expectHistory(world, roomId)
  }
  for (const roomId of ROOMS) expectWritten(world, roomId)
}

/** Title, metadata and members of the rooms that are open, unless others are named. */
export function expectFacts(world: World, roomIds: readonly RoomId[] = world.openRooms): void {
  const { client, server } = world
  for (const roomId of present(world).filter((id) => roomIds.includes(id))) {
    const room = server.data.rooms.get(roomId)!
    const { title, metadata } = room
    const shown = client.room(roomId).state.get()
    expect({ ...shown }).toMatchObject({ title, metadata, ...peopleOf(room) })
  }
}

/** And so is everything else. */
export function expectRooms(world: World): void {
  const { client, server } = world
  expectFacts(world, ROOMS)
  expect(
    client.rooms
      .get()
      .items.map(({ id }) => id)
      .sort(),
  ).toEqual(present(world))
  for (const roomId of present(world)) {
    const row = server.row(ME, roomId)
    const shown = client.room(roomId).state.get()
    const { seq, text, senderId } = shown?.lastMessage ?? { seq: 0, text: null, senderId: null }
    expect({ seq, text, senderId }).toEqual({
      seq: row.last_message_seq,
      text: row.last_message,
      senderId: row.last_sender_id,
    })
    expect(shown).toMatchObject({ seq: row.last_message_seq, me: { unread: row.unread_count } })
    // The row of a room that is open here is not sent here: its flags are told again when it is closed.
    if (!world.openRooms.includes(roomId)) expect(shown?.me.muted).toBe(row.muted)
  }
}

const present = ({ server }: World): RoomId[] =>
  ROOMS.filter((roomId) => server.data.rooms.get(roomId)?.members.get(ME)?.left === false)

function expectHistory(world: World, roomId: RoomId): void {
  const stored = world.server.data.rooms.get(roomId)!
  const { hasAfter, loading } = world.client.room(roomId).messages.get()
  const shown = world.shown(roomId)
  expect(loading).toBe(false)
  for (const { state: _, key, ...message } of shown) {
    expect(key).toBe(message.clientId ?? message.id)
    expect(message).toEqual(world.server.data.view(stored.messages.get(message.seq)!, ME))
  }
  if (!hasAfter) expect(shown.at(-1)?.seq ?? 0).toBe(stored.seq)
}

/** What was written is stored once, in the order in which it was written, or is there to see as failed. */
function expectWritten({ client, server, written }: World, roomId: RoomId): void {
  const stored = [...server.data.rooms.get(roomId)!.messages.values()].filter(
    ({ senderId }) => senderId === ME,
  )
  const pending = client
    .room(roomId)
    .messages.get()
    .items.filter(({ state }) => state !== 'sent')
  expect(pending.every(({ state }) => state === 'failed')).toBe(true)
  const failed = new Set(pending.map(({ text }) => text))
  const expected = (written.get(roomId) ?? []).filter((text) => !failed.has(text))
  const ids = stored.map(({ clientId }) => clientId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(stored.length).toBe(expected.length)
  // Edited and deleted ones lost their text; their places say the same.
  stored.forEach((message, index) => {
    if (message.editedAt === undefined && message.deletedAt === undefined)
      expect(message.text).toBe(expected[index])
  })
}
