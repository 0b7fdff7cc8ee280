import {
  type Change,
  DEFAULT_MESSAGE_TYPE,
  type Message,
  type MessageDeleted,
  type MessageUpdated,
  type WireMessage,
} from '@tally/protocol'

/**
 * A message and how new each of its parts is. The text and the reactions are told apart (`message-updated` carries either
 * or both), so each keeps the room's `change` that it was told with, and is as it was then, or newer: told late, twice or
 * out of order, the result is the same.
 */
export type MessageRegister = {
  readonly message: Message
  readonly bodyChange: number
  readonly reactionsChange: number
}

/** All of a message, as the native API tells it. */
export function registerOf(message: Message): MessageRegister {
  return { message, bodyChange: message.change, reactionsChange: message.change }
}

/** A message as the socket tells it: where it names no reactions, it says nothing about them. */
export function registerOfWire(wire: WireMessage): MessageRegister {
  const { change = 0 as Change } = wire
  return {
    message: {
      id: wire.id,
      roomId: wire.room_id,
      seq: wire.seq,
      change,
      senderId: wire.sender_id,
      type: wire.message_type ?? DEFAULT_MESSAGE_TYPE,
      text: wire.message,
      createdAt: wire.created_at,
      editedAt: wire.edited_at,
      deletedAt: wire.deleted_at,
      reactions: wire.reactions ?? [],
      attachments: wire.attachments ?? [],
      clientId: wire.client_id,
      replyTo: wire.reply_to,
    },
    bodyChange: change,
    reactionsChange: wire.reactions === undefined && wire.deleted_at === undefined ? 0 : change,
  }
}

/** A message as the socket would tell it. */
export function wireMessageOf(message: Message): WireMessage {
  return {
    id: message.id,
    room_id: message.roomId,
    sender_id: message.senderId,
    message: message.text,
    message_type: message.type,
    created_at: message.createdAt,
    is_read: false,
    seq: message.seq,
    change: message.change,
    edited_at: message.editedAt,
    deleted_at: message.deletedAt,
    reactions: message.reactions,
    attachments: message.attachments,
    client_id: message.clientId,
    reply_to: message.replyTo,
  }
}

/** The newer of each part. */
export function mergeRegisters(known: MessageRegister, next: MessageRegister): MessageRegister {
  const body = next.bodyChange > known.bodyChange ? next : known
  const { message, reactionsChange } = next.reactionsChange > known.reactionsChange ? next : known
  if (body === known && reactionsChange === known.reactionsChange) return known
  const { bodyChange } = body
  const change = Math.max(bodyChange, reactionsChange) as Change
  return { message: { ...body.message, reactions: message.reactions, change }, bodyChange, reactionsChange }
}

/** A message after an edit or a reaction: of what is not told nothing is newer. */
export function mergeUpdate(known: MessageRegister, update: MessageUpdated): MessageRegister {
  const { change, message: text, edited_at: editedAt, reactions } = update
  const { message } = known
  return mergeRegisters(known, {
    message: {
      ...message,
      text: text ?? message.text,
      editedAt: editedAt ?? message.editedAt,
      reactions: reactions ?? message.reactions,
    },
    bodyChange: text === undefined ? 0 : change,
    reactionsChange: reactions === undefined ? 0 : change,
  })
}

/** A message after its deletion: its place stays. */
export function mergeDeletion(
  known: MessageRegister,
  { change, deleted_at: deletedAt }: MessageDeleted,
): MessageRegister {
  return mergeRegisters(known, {
    message: { ...known.message, text: '', attachments: [], reactions: [], deletedAt },
    bodyChange: change,
    reactionsChange: change,
  })
}
