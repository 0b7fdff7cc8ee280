import type { RoomId, UserId } from '@tally/protocol'
import type { Frame, RoomEvent } from '../bus/frames.ts'
import type { MemberState, RoomHead, StoredMessage } from '../core/committed.ts'

/** To those who have the room open: the message's new text. */
export function messageEdited({ roomId, seq, change, text, editedAt }: StoredMessage): RoomEvent {
  const payload = {
    room_id: roomId,
    seq,
    change,
    message: text,
    ...(editedAt === undefined ? {} : { edited_at: editedAt }),
  }
  return { kind: 'room-event', roomId, event: 'message-updated', payload }
}

/** To those who have the room open: all reactions of the message, absolute as everything on a wire. */
export function messageReacted({ roomId, seq, change, reactions }: StoredMessage): RoomEvent {
  return {
    kind: 'room-event',
    roomId,
    event: 'message-updated',
    payload: { room_id: roomId, seq, change, reactions },
  }
}

/** To those who have the room open: the message lost its text, its place stays. */
export function messageDeleted({ roomId, seq, change, deletedAt }: StoredMessage): RoomEvent {
  const payload = { room_id: roomId, seq, change, deleted_at: deletedAt }
  return { kind: 'room-event', roomId, event: 'message-deleted', payload }
}

/**
 * What became of a message since it was sent, whatever it was: for devices that missed it. One event, so that nobody has
 * heard of the change and lacks a part of it.
 */
export function messageNow(message: StoredMessage): RoomEvent {
  if (message.deletedAt !== undefined) return messageDeleted(message)
  const { reactions } = message
  if (message.editedAt === undefined) return messageReacted(message)
  const edited = messageEdited(message)
  return { ...edited, payload: { ...edited.payload, reactions } }
}

/** Whether nothing became of it since, as far as it can be seen: reactions that were taken off again leave no trace. */
export function isAsSent({ deletedAt, editedAt, reactions }: StoredMessage): boolean {
  return deletedAt === undefined && editedAt === undefined && reactions.length === 0
}

/** To the devices of the feed's owner: a new entry. */
export function notificationAdded(
  userId: UserId,
  { id, seq, type, text, data, createdAt }: StoredMessage,
): Frame {
  const payload = {
    id,
    seq,
    type,
    title: data?.title,
    content: text,
    link: data?.link,
    created_at: createdAt,
  }
  return { kind: 'user-event', userId, event: 'notification', payload }
}

/** To every node: these people's devices hear nothing more of the room, but for what is opened after they came back. */
export function membershipsEnded(members: readonly Former[]): Frame[] {
  return members.map(({ userId, roomId, readEpoch }) => {
    return { kind: 'membership-ended', userId, roomId, beforeEpoch: readEpoch + 1 }
  })
}

/**
 * To those who have the room open: these people are no longer in it.
 * @param options.rooms as the commit left them; absent: which change it was is not known any more.
 * @param options.deleted whether their accounts are gone.
 */
export function membersLeft(
  members: readonly Place[],
  { rooms = [], deleted = false }: { rooms?: readonly RoomHead[]; deleted?: boolean } = {},
): Frame[] {
  const changes = new Map(rooms.map(({ roomId, change }) => [roomId, change]))
  return members.map(({ userId, roomId }) => {
    const change = changes.get(roomId)
    const payload = { roomId, userId, deleted, ...(change === undefined ? {} : { change }) }
    return { kind: 'room-event', roomId, event: 'member-left', payload }
  })
}

/** To those who have these rooms open: title, metadata or members are other ones now. */
export function roomsChanged(rooms: readonly Pick<RoomHead, 'roomId' | 'change'>[]): RoomEvent[] {
  return rooms.map(({ roomId, change }) => ({
    kind: 'room-event',
    roomId,
    event: 'room-changed',
    payload: { roomId, change },
  }))
}

/** The row as it was left: coming back raises its epoch. */
type Former = Pick<MemberState, 'userId' | 'roomId' | 'readEpoch'>
type Place = { readonly userId: UserId; readonly roomId: RoomId }
