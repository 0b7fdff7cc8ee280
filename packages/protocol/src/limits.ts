import { CLIENT_LIMITS } from './client-limits.ts'

/**
 * Every limit of the wire, in one place. Where a server lets its operator change one, this is the default;
 * a client may show it, but the server's answer decides.
 */
export const LIMITS = {
  ...CLIENT_LIMITS,
  /** Ids of every kind, in UTF-16 code units. Tally makes UUIDv7; the host's own user ids may be longer. */
  idChars: 128,
  /** Message and notification types, user types. */
  typeChars: 64,
  /** One reaction: the longest emoji sequences (families, flags of regions) have fewer code units. */
  emojiChars: 32,
  /** Different emoji on one message. */
  reactionsPerMessage: 20,
  /** Display names. */
  nameChars: 200,
  /** Room and notification titles. */
  titleChars: 200,
  /** The idempotency key of a room. */
  keyChars: 200,
  /** The content of a notification. */
  notificationContentChars: 2_000,
  /** Links and images. */
  urlChars: 2_048,
  /** A cursor: opaque, made by the server. */
  cursorChars: 512,
  /** A JWT; longer ones are refused before any cryptography. */
  tokenChars: 8_192,
  /** A room's metadata as JSON in UTF-8. */
  metadataBytes: 16_384,
  /** Nesting of a room's metadata; the object itself is level 1. */
  metadataDepth: 8,
  /** Default number of entries of one page of anything. */
  pageDefault: 20,
  /** Messages in one answer to a polling web client. */
  pollPageMax: 50,
  /** Messages that one sync answer carries per named room; what is above comes with the next sync. */
  syncMessagesPerRoom: 100,
  /** One Socket.IO frame, and one HTTP body. */
  frameBytes: 65_536,
  /** Bytes a socket may leave unread before it is closed and catches up later. */
  socketBufferBytes: 1_048_576,
  /** Messages of one user, over all connections. */
  sendsPerSecond: 50,
  /** Messages one user may send at once (an outbox after a tunnel) before the rate above holds. */
  sendBurst: 200,
  /** Other events of one connection. */
  eventsPerSecond: 50,
  eventBurst: 200,
  /** Joins of one connection. */
  joinsPerSecond: 20,
  /** Typing signals of one user. */
  typingPerSecond: 5,
  /** HTTP requests of one user. */
  requestsPerSecond: 50,
  requestBurst: 200,
  /** Requests and connections of one address. High, because a whole office or mobile network may stand behind one. */
  requestsPerSecondPerAddress: 1_000,
  connectionsPerAddress: 10_000,
  connectionsPerUser: 20,
  /** Time a connection has to authenticate before it is closed. */
  authenticateTimeoutMs: 30_000,
  /** Rooms one connection may have joined at once. */
  openRoomsPerConnection: 200,
  roomsPerUser: 10_000,
  membersPerRoom: 1_000,
  /** Members a room carries with itself in lists and answers; the list of members has them all. */
  membersShown: 50,
  /** Members added, or people notified, in one request. */
  batchMax: 100,
  blocksPerUser: 1_000,
  /** One file, in bytes. */
  attachmentBytes: 26_214_400,
  /** One request of an upload: small enough to arrive over a slow network before a request times out. */
  attachmentPartBytes: 262_144,
  /** The name of a file. */
  fileNameChars: 200,
  attachmentsPerMessage: 10,
  /** Files of one user that are in no message yet. */
  uploadsPerUser: 50,
  /** What somebody says beside a report. */
  reportNoteChars: 1_000,
  /** Types of notifications that a person chooses for apart from the others. */
  typesWithPreferences: 100,
  /** The name of a time zone. */
  timeZoneChars: 64,
  /** What an app calls the device it runs on. */
  deviceNameChars: 80,
  /** Devices of a person; a further one takes the place of the one that was not seen for longest. */
  devicesPerUser: 50,
  /** What is searched for, in UTF-16 code units. */
  searchChars: 100,
  /** Searches of one user. */
  searchesPerSecond: 5,
  searchBurst: 20,
} as const

/** The name of a limit, as it appears in `details.limit` of `limit_exceeded`. */
export type LimitName = keyof typeof LIMITS
