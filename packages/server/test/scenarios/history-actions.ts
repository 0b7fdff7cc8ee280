import type { ClientId, NotificationId, RoomId } from '@tally/protocol'
import { addMembers } from '../../src/actions/add-members.ts'
import { archiveRoom } from '../../src/actions/archive-room.ts'
import { blockUser } from '../../src/actions/block-user.ts'
import { closeRoom } from '../../src/actions/close-room.ts'
import { connectDevice, disconnectDevice } from '../../src/actions/connect-device.ts'
import type { Caller } from '../../src/actions/context.ts'
import { createNotification } from '../../src/actions/create-notification.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { deleteRoom } from '../../src/actions/delete-room.ts'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { editMessage } from '../../src/actions/edit-message.ts'
import { getMessage } from '../../src/actions/get-message.ts'
import { listNotifications } from '../../src/actions/list-notifications.ts'
import { markAllRead } from '../../src/actions/mark-all-read.ts'
import { markRead } from '../../src/actions/mark-read.ts'
import { markUnread } from '../../src/actions/mark-unread.ts'
import { muteRoom } from '../../src/actions/mute-room.ts'
import { openRoom } from '../../src/actions/open-room.ts'
import { purgeRoom } from '../../src/actions/purge-old-messages.ts'
import { react } from '../../src/actions/react.ts'
import { readBadge } from '../../src/actions/read-badge.ts'
import { readNotifications } from '../../src/actions/read-notifications.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { sendMessage } from '../../src/actions/send-message.ts'
import { sendSystemMessage } from '../../src/actions/send-system-message.ts'
import { setVisibility } from '../../src/actions/set-visibility.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { unblockUser } from '../../src/actions/unblock-user.ts'
import { updateRoom } from '../../src/actions/update-room.ts'
import { feedOf } from '../../src/core/feed.ts'
import { startMarkAllRead } from '../../src/store/mark-all-read.ts'
import type { HistoryWorld } from './history-world.ts'

type Action = { readonly weight: number; readonly act: (world: HistoryWorld) => Promise<unknown> }

/** How an action may be refused: the room is gone, its message or its member is, or that is another's to do. */
const REFUSALS = new Set([
  'room_not_found',
  'message_not_found',
  'forbidden',
  'user_not_found',
  'client_id_conflict',
  'blocked',
])

/** Every row of the rule table, and what happens to the ledger meanwhile, by name. */
export const ACTIONS: Record<string, Action> = {
  send: { weight: 24, act: (w) => send(w, w.person(), w.room()) },
  'send several': {
    weight: 4,
    act: (w) => {
      const [sender, roomId] = [w.person(), w.room()]
      return all([1, 2, 3].map(() => send(w, sender, roomId)))
    },
  },
  'send with a name that may be taken': {
    weight: 5,
    act: (w) => {
      const clientId = `name-${w.chance.below(8)}` as ClientId
      const text = w.chance.is(0.9) ? 'named' : 'named otherwise'
      return sendMessage(w.ctx, w.person(), { roomId: w.room(), text, clientId })
    },
  },
  'send a system message': {
    weight: 2,
    act: (w) => sendSystemMessage(w.ctx, { roomId: w.room(), text: 'system' }),
  },
  'read up to': { weight: 6, act: (w) => markRead(w.ctx, w.person(), upTo(w)) },
  'read to the head': { weight: 4, act: (w) => markRead(w.ctx, w.person(), { roomId: w.room() }) },
  'read with an old epoch': {
    weight: 2,
    act: (w) => markRead(w.ctx, w.person(), { ...upTo(w), readEpoch: 0 }),
  },
  'mark unread': {
    weight: 6,
    act: (w) => {
      const { roomId, seq } = w.place()
      return markUnread(w.ctx, w.person(), { roomId, fromSeq: seq })
    },
  },
  'mark all read': { weight: 2, act: (w) => markAllRead(w.ctx, w.person()) },
  'begin to mark all read and stop': { weight: 2, act: (w) => startMarkAllRead(w.ctx.db, w.person()) },
  'delete a message': { weight: 12, act: (w) => deleteMessage(w.ctx, null, w.place()) },
  "delete one's own message": { weight: 12, act: (w) => deleteMessage(w.ctx, w.person(), w.place()) },
  'edit a message': { weight: 4, act: editSome },
  react: {
    weight: 2,
    act: (w) => react(w.ctx, w.person(), { ...w.place(), emoji: '👍', on: w.chance.is(0.7) }),
  },
  purge: {
    weight: 3,
    act: (w) => {
      const { roomId, seq } = w.place()
      return purgeRoom(w.ctx, { roomId, beforeSeq: seq })
    },
  },
  'purge notifications': {
    weight: 3,
    act: (w) => purgeRoom(w.ctx, { roomId: feedOf(w.person().userId), beforeSeq: 1 + w.chance.below(12) }),
  },
  mute: { weight: 3, act: (w) => muteRoom(w.ctx, w.person(), { roomId: w.room(), muted: w.chance.is(0.5) }) },
  archive: {
    weight: 4,
    act: (w) => archiveRoom(w.ctx, w.person(), { roomId: w.room(), archived: w.chance.is(0.6) }),
  },
  'change a title': {
    weight: 2,
    act: (w) => updateRoom(w.ctx, null, { roomId: w.room(), title: 'a title' }),
  },
  join: {
    weight: 8,
    act: (w) =>
      addMembers(w.ctx, null, {
        roomId: w.room(),
        userIds: [w.person().userId, w.person().userId],
        role: 'member',
        ...(w.chance.is(0.3) ? {} : { history: w.chance.is(0.5) ? 'unread' : 'none' }),
      }),
  },
  leave: {
    weight: 4,
    act: (w) => {
      const person = w.person()
      return removeMember(w.ctx, person, { roomId: w.room(), userId: person.userId })
    },
  },
  kick: { weight: 3, act: (w) => removeMember(w.ctx, null, { roomId: w.room(), userId: w.person().userId }) },
  'make a room': { weight: 2, act: (w) => w.replaceRoom(w.room()) },
  'delete a room': {
    weight: 2,
    act: async (w) => {
      const roomId = w.room()
      // Late actions on it are part of the history: it is forgotten when it is gone.
      await deleteRoom(w.ctx, null, { roomId })
      await w.replaceRoom(roomId)
    },
  },
  block: { weight: 4, act: (w) => setBlocked(w, blockUser) },
  unblock: { weight: 3, act: (w) => setBlocked(w, unblockUser) },
  'remove an account': { weight: 2, act: removeAccount },

  notify: {
    weight: 5,
    act: (w) =>
      createNotification(w.ctx, {
        userIds: [...new Set([w.person().userId, w.person().userId])],
        type: 'offer',
        title: 'An offer',
        content: 'come and see',
      }),
  },
  'read notifications': { weight: 4, act: readSomeNotifications },
  'read all notifications': { weight: 2, act: (w) => readNotifications(w.ctx, w.person(), { all: true }) },

  connect: { weight: 4, act: (w) => connectDevice(w.ctx, w.device()) },
  disconnect: { weight: 2, act: (w) => disconnectDevice(w.ctx, w.device().deviceId) },
  open: {
    weight: 8,
    act: async (w) => {
      const device = w.device()
      if (w.ctx.devices.get(device.deviceId) === undefined) return
      await openRoom(w.ctx, device, { roomId: w.room(), read: w.chance.is(0.5) })
    },
  },
  close: {
    weight: 6,
    act: (w) => {
      const { roomId, upToSeq } = upTo(w)
      const confirmed = { upToSeq, readEpoch: w.chance.below(3) }
      return closeRoom(w.ctx, w.device(), { roomId, ...(w.chance.is(0.5) ? { confirmed } : {}) })
    },
  },
  'show or hide a device': {
    weight: 3,
    act: (w) => setVisibility(w.ctx, w.device(), { visible: w.chance.is(0.6) }),
  },

  'flush a key': { weight: 4, act: (w) => w.ctx.ledger.drop([w.person().userId]) },
  'flush and ask at once': {
    weight: 4,
    act: async (w) => {
      const { userId } = w.person()
      await w.ctx.ledger.drop([userId])
      await w.ctx.warmer.ensure([userId])
    },
  },
  'doubt a key': { weight: 2, act: async (w) => w.ctx.warmer.again([w.person()]) },
  'forget members and previews': {
    weight: 2,
    act: async (w) => {
      const roomId = w.room()
      w.ctx.membersCache.forget(roomId)
      w.ctx.previews.forget(roomId)
    },
  },
  'ask for the badge': { weight: 4, act: (w) => readBadge(w.ctx, w.person()) },
  touch: { weight: 2, act: (w) => touchDevices(w.ctx) },
}

const WEIGHTED = Object.entries(ACTIONS).map(([name, { weight }]) => [weight, name] as const)

/** One thing that happens. @returns its name, or `null` when it was refused. */
export async function act(
  world: HistoryWorld,
  name: string = world.chance.weighted(WEIGHTED),
): Promise<string | null> {
  try {
    await ACTIONS[name]?.act(world)
    return name
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === undefined || !REFUSALS.has(code)) throw new Error(`${name} failed`, { cause: error })
    return null
  }
}

async function send(w: HistoryWorld, sender: Caller, roomId: RoomId): Promise<void> {
  w.note(await sendMessage(w.ctx, sender, { roomId, text: 'a message' }))
}

/** When one is refused the others are under way still: an action is over when all of it is. */
async function all(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works)
  await Promise.all(works)
}

function upTo(w: HistoryWorld): { roomId: RoomId; upToSeq: number } {
  const { roomId, seq } = w.place()
  return { roomId, upToSeq: seq }
}

/** Only whoever wrote a message can edit it. */
async function editSome(w: HistoryWorld): Promise<void> {
  const place = w.place()
  const { senderId } = await getMessage(w.ctx, w.person(), place)
  if (senderId !== null) await editMessage(w.ctx, { userId: senderId }, { ...place, text: 'edited' })
}

async function setBlocked(w: HistoryWorld, set: typeof blockUser): Promise<void> {
  const [blocker, blocked] = [w.person(), w.person()]
  if (blocker.userId !== blocked.userId) await set(w.ctx, blocker, blocked)
}

async function readSomeNotifications(w: HistoryWorld): Promise<void> {
  const person = w.person()
  const { items } = await listNotifications(w.ctx, person, { limit: 20 })
  const ids = items.filter(() => w.chance.is(0.4)).map(({ id }): NotificationId => id)
  if (ids.length > 0) await readNotifications(w.ctx, person, { ids })
}

/** Somebody new takes the place of who goes, so that there are always enough. */
async function removeAccount(w: HistoryWorld): Promise<void> {
  const index = w.chance.below(w.people.length)
  const [userId] = w.people.splice(index, 1)
  if (userId === undefined) return
  await w.addPerson()
  await deleteUser(w.ctx, { userId })
}
