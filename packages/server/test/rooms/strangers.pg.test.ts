import type { RoomId } from '@tally/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { addMembers } from '../../src/actions/add-members.ts'
import { getApplicationRoom } from '../../src/actions/application-rooms.ts'
import { archiveRoom } from '../../src/actions/archive-room.ts'
import type { ActionContext, Caller } from '../../src/actions/context.ts'
import { createNotification } from '../../src/actions/create-notification.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { deleteRoom } from '../../src/actions/delete-room.ts'
import { editMessage } from '../../src/actions/edit-message.ts'
import { getMessage } from '../../src/actions/get-message.ts'
import { getRoom } from '../../src/actions/get-room.ts'
import { listMembers } from '../../src/actions/list-members.ts'
import { listMessages } from '../../src/actions/list-messages.ts'
import { listMessagesBefore } from '../../src/actions/list-messages-before.ts'
import { listMissedMessages } from '../../src/actions/list-missed-messages.ts'
import { listNewMessages } from '../../src/actions/list-new-messages.ts'
import { markRead } from '../../src/actions/mark-read.ts'
import { markUnread } from '../../src/actions/mark-unread.ts'
import { muteRoom } from '../../src/actions/mute-room.ts'
import { openRoom } from '../../src/actions/open-room.ts'
import { pollRoom } from '../../src/actions/poll-room.ts'
import { react } from '../../src/actions/react.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { sendMessage } from '../../src/actions/send-message.ts'
import { setTyping } from '../../src/actions/set-typing.ts'
import { updateRoom } from '../../src/actions/update-room.ts'
import { feedOf } from '../../src/core/feed.ts'
import { DATABASES } from '../../test-support/host.ts'
import { useRooms } from './rooms-world.ts'

type Attempt = [
  name: string,
  attempt: (ctx: ActionContext, caller: Caller, roomId: RoomId) => Promise<unknown>,
]

/** Everything a person can do with a room they name. */
const ATTEMPTS: Attempt[] = [
  ['reads the room', (ctx, caller, roomId) => getRoom(ctx, caller, { roomId })],
  ['reads the room as the app does', (ctx, caller, roomId) => getApplicationRoom(ctx, caller, { roomId })],
  ['lists its members', (ctx, caller, roomId) => listMembers(ctx, caller, { roomId, limit: 20 })],
  ['lists its messages', (ctx, caller, roomId) => listMessages(ctx, caller, { roomId, limit: 20 })],
  [
    'lists newer messages',
    (ctx, caller, roomId) => listMessages(ctx, caller, { roomId, after: 0, limit: 20 }),
  ],
  ['lists messages by time', (ctx, caller, roomId) => listMessagesBefore(ctx, caller, { roomId, limit: 20 })],
  ['lists what came', (ctx, caller, roomId) => listNewMessages(ctx, caller, { roomId, limit: 20 })],
  [
    'lists what it missed',
    (ctx, caller, roomId) => listMissedMessages(ctx, caller, { roomId, afterSeq: 0, limit: 20 }),
  ],
  ['polls', (ctx, caller, roomId) => pollRoom(ctx, caller, { roomId })],
  ['reads a message', (ctx, caller, roomId) => getMessage(ctx, caller, { roomId, seq: 1 })],
  [
    'reads a message that is not there',
    (ctx, caller, roomId) => getMessage(ctx, caller, { roomId, seq: 99 }),
  ],
  ['sends', (ctx, caller, roomId) => sendMessage(ctx, caller, { roomId, text: 'hi' })],
  ['edits', (ctx, caller, roomId) => editMessage(ctx, caller, { roomId, seq: 1, text: 'mine' })],
  ['deletes a message', (ctx, caller, roomId) => deleteMessage(ctx, caller, { roomId, seq: 1 })],
  ['deletes one that is not there', (ctx, caller, roomId) => deleteMessage(ctx, caller, { roomId, seq: 99 })],
  ['reacts', (ctx, caller, roomId) => react(ctx, caller, { roomId, seq: 1, emoji: '👍', on: true })],
  ['marks read', (ctx, caller, roomId) => markRead(ctx, caller, { roomId })],
  ['marks read up to a place', (ctx, caller, roomId) => markRead(ctx, caller, { roomId, upToSeq: 1 })],
  ['marks unread', (ctx, caller, roomId) => markUnread(ctx, caller, { roomId, fromSeq: 1 })],
  [
    'opens',
    (ctx, caller, roomId) => openRoom(ctx, { ...caller, deviceId: 'socket:x' }, { roomId, read: false }),
  ],
  [
    'opens and reads',
    (ctx, caller, roomId) => openRoom(ctx, { ...caller, deviceId: 'socket:x' }, { roomId, read: true }),
  ],
  ['types', (ctx, caller, roomId) => setTyping(ctx, caller, { roomId, typing: true })],
  ['mutes', (ctx, caller, roomId) => muteRoom(ctx, caller, { roomId, muted: true })],
  ['archives', (ctx, caller, roomId) => archiveRoom(ctx, caller, { roomId, archived: true })],
  ['renames', (ctx, caller, roomId) => updateRoom(ctx, caller, { roomId, title: 'mine' })],
  ['deletes the room', (ctx, caller, roomId) => deleteRoom(ctx, caller, { roomId })],
  [
    'adds a member',
    (ctx, caller, roomId) => addMembers(ctx, caller, { roomId, userIds: [caller.userId], role: 'member' }),
  ],
  ['removes a member', (ctx, caller, roomId) => removeMember(ctx, caller, { roomId, userId: caller.userId })],
]

describe.each(DATABASES)('a room that is not yours, on %s', (kind) => {
  const world = useRooms(kind)
  let joon: Caller
  let rooms: { others: RoomId; left: RoomId; deleted: RoomId; feed: RoomId }

  beforeAll(async () => {
    const { ctx, person, group, send } = world()
    const [mina, sora] = [await person('mina'), await person('sora')]
    joon = await person('joon')
    rooms = {
      others: await group(mina, sora),
      left: await group(mina, joon),
      deleted: await group(mina, joon),
      feed: feedOf(joon.userId),
    }
    for (const roomId of [rooms.others, rooms.left, rooms.deleted]) await send(mina, roomId, 'secret')
    await removeMember(ctx, mina, { roomId: rooms.left, userId: joon.userId })
    await deleteRoom(ctx, mina, { roomId: rooms.deleted })
    await createNotification(ctx, { userIds: [joon.userId], type: 'offer', title: 'An offer', content: '' })
  })

  test.each(ATTEMPTS)('somebody %s: the same answer as for one that does not exist', async (_, attempt) => {
    const { ctx } = world()
    const answer = async (roomId: RoomId): Promise<unknown> => {
      const refused: unknown = await attempt(ctx, joon, roomId).then(
        (value) => ({ answered: value }),
        (error: Error) => ({ ...error, message: error.message }),
      )
      return refused
    }
    const missing = await answer('0193-there-is-none' as RoomId)
    expect(missing).toMatchObject({ code: 'room_not_found', retry: 'after_resync' })
    for (const roomId of Object.values(rooms)) expect(await answer(roomId)).toEqual(missing)
  })

  test('none of it was of any effect', async () => {
    const { ctx } = world()
    expect(await readBadge(ctx, joon)).toMatchObject({ total: 0, unreadRooms: 0, notifications: 1 })
  })
})
