/** Every word that the components show or say. Sentences with a number or a name in them are functions. */
export type Texts = {
  rooms: string
  noRooms: string
  noMessages: string
  deletedMessage: string
  formerMember: string
  you: string
  muted: string
  more: string
  loading: string
  /** In place of what could not be loaded. */
  notConnected: string
  /** What stands on a badge, for those who listen. */
  unreadMessages: (count: number) => string
  unreadNotifications: (count: number) => string
  unreadInAll: (count: number) => string
  allRead: string
  messages: string
  /** On the line above what is new. */
  newMessages: string
  toNewest: (below: number) => string
  online: string
  lastSeen: (ago: string) => string
  members: (count: number) => string
  typing: (names: readonly string[]) => string
  missingRoom: string
  writeMessage: string
  send: string
  tooLong: (length: number, limit: number) => string
  notSent: string
  sending: string
  queued: string
  sent: string
  delivered: string
  read: string
  readBy: (count: number) => string
  edited: string
  retry: string
  discard: string
  reply: string
  replyTo: (name: string) => string
  cancelReply: string
  reaction: (emoji: string, count: number) => string
  /** A message that came while the room is open, for those who listen. */
  incoming: (name: string, text: string) => string
  notifications: string
  noNotifications: string
  markAllRead: string
  unread: string
  failed: string
}
