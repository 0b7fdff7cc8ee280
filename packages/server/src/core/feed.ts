import type { RoomId, UserId } from '@tally/protocol'

const PREFIX = 'feed:'

/** The id of a person's notification feed: a room with one member. */
export function feedOf(userId: UserId): RoomId {
  return `${PREFIX}${userId}` as RoomId
}

export function isFeed(roomId: RoomId): boolean {
  return roomId.startsWith(PREFIX)
}

/** Whose feed it is. Only for ids that are feeds. */
export function feedOwner(roomId: RoomId): UserId {
  return roomId.slice(PREFIX.length) as UserId
}
