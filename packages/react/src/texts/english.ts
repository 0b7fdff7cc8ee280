import type { Texts } from './texts.ts'

const many = (count: number, one: string, other: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : other}`

/** The components' words in English. */
export const englishTexts: Texts = {
  rooms: 'Chats',
  noRooms: 'No chats yet.',
  noMessages: 'No messages yet',
  deletedMessage: 'This message was deleted',
  formerMember: 'Former user',
  you: 'You',
  muted: 'Muted',
  more: 'More',
  loading: 'Loading',
  notConnected: 'There is no connection. Everything shows again once there is one.',
  unreadMessages: (count) => many(count, 'unread message', 'unread messages'),
  unreadNotifications: (count) => many(count, 'unread notification', 'unread notifications'),
  unreadInAll: (count) => many(count, 'unread message or notification', 'unread messages and notifications'),
  allRead: 'Nothing unread',
  messages: 'Messages',
  newMessages: 'New messages',
  toNewest: (below) => (below === 0 ? 'To the newest message' : `${below.toLocaleString('en')} new below`),
  online: 'Online now',
  lastSeen: (ago) => `Seen ${ago}`,
  members: (count) => many(count, 'person', 'people'),
  typing: (names) =>
    names.length > 2
      ? `${names.length} people are typing…`
      : `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing…`,
  missingRoom: 'This chat could not be found.',
  writeMessage: 'Write a message',
  send: 'Send',
  tooLong: (length, limit) =>
    `Up to ${limit.toLocaleString('en')} characters (${length.toLocaleString('en')} now)`,
  notSent: 'Not sent',
  sending: 'Sending',
  queued: 'Goes out once connected',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  readBy: (count) => `Read by ${count}`,
  edited: 'edited',
  retry: 'Send again',
  discard: 'Discard',
  reply: 'Reply',
  replyTo: (name) => `Reply to ${name}`,
  cancelReply: 'Cancel reply',
  reaction: (emoji, count) => `${emoji} from ${many(count, 'person', 'people')}`,
  incoming: (name, text) => `${name}: ${text}`,
  notifications: 'Notifications',
  noNotifications: 'No notifications.',
  markAllRead: 'Mark all as read',
  unread: 'Unread',
  failed: 'That did not work. Try again in a moment.',
}
