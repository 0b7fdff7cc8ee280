import {
  type Badge,
  type Block,
  type Cursor,
  type Explanation,
  type NotificationId,
  RequestError,
  type RoomId,
  type User,
  type UserId,
} from '@tally/protocol'
import type { TransportPolicy } from './connection-state.ts'
import type { ConnectionStatus } from './connection-status.ts'
import type { BadgeTrace } from './frame-handlers.ts'
import type { HttpRequest } from './http-api.ts'
import { indexedDbStorage } from './indexed-db-storage.ts'
import { type KeyValueStorage, memoryStorage } from './key-value-storage.ts'
import { knownOrNew } from './known-or-new.ts'
import type { NotificationList } from './notification-store.ts'
import type { PresenceState } from './presence-store.ts'
import type { ProviderFactory } from './provider.ts'
import type { Readable } from './readable.ts'
import { createRoomHandle, type RoomHandle } from './room-handle.ts'
import type { RoomState } from './room-row.ts'
import type { RoomList } from './room-store.ts'
import type { RequestOf } from './routes.ts'
import { Session } from './session.ts'
import { browserTabs, type TabPlatform } from './tab-platform.ts'
import type { TokenOption } from './token-source.ts'

/** How a client is made. Only the token has to be given. */
export type TallyOptions = {
  /** Where the server is (`https://chat.example.com`). Absent, in a browser: where the page came from. */
  url?: string
  /** A token, or a function that gets one: called for the first connection and when the server refused the last one. */
  token: TokenOption
  /** Monotonic milliseconds; `performance.now` unless given. */
  nowMs?: () => number
  /** The time as people have it; the device's clock unless given. Nothing is ordered by it. */
  wallClock?: () => Date
  /** From 0 to below 1; `Math.random` unless given. */
  random?: () => number
  /** For requests over HTTP; the platform's own unless given. */
  fetch?: typeof fetch
  /** How news travel: by WebSocket, and by polling while that does not come through (`auto`, unless given), or by one alone. */
  transport?: TransportPolicy
  /**
   * Whether a poll may wait at the server until there is something to tell; true unless given. Where a host cuts such
   * requests off, this is noticed, and polls come in intervals.
   */
  longPoll?: boolean
  /**
   * Whether the client looks by itself whether its page is in view and has a network; true unless given, where there is
   * a page. Elsewhere it is told by `setVisible` and `setOnline`.
   */
  followPage?: boolean
  /**
   * Where messages that wait survive a reload or a crash: the browser's database unless given, and elsewhere nothing
   * but memory.
   */
  storage?: KeyValueStorage
  /**
   * Whether the tabs of a person have one connection and one outbox together, and are one device; true unless given,
   * where a browser's tabs can find each other.
   */
  shareTabs?: boolean
  /** How tabs find each other; by the browser's locks and channels unless given. */
  tabPlatform?: TabPlatform
  /** Makes connections; those of the platform unless given. */
  provider?: ProviderFactory
}

/** The person's notification feed. */
export interface NotificationFeed {
  readonly list: Readable<NotificationList>
  /** Loads the newest entries; from then on the list is kept current. */
  load(): Promise<void>
  /** Loads older entries. */
  loadMore(): Promise<void>
  /** Marks entries as read: these, or all there are. */
  read(which: readonly NotificationId[] | 'all'): Promise<void>
}

/**
 * A person's chat and badge on one device. What it shows is the server's word: absolute values, of which the newest
 * stays. Every promise rejects with a `RequestError` when refused.
 */
export interface Tally {
  readonly connection: Readable<ConnectionStatus>
  /** Who this is, once the server accepted the token. */
  readonly me: Readable<User | null>
  /** The one number; `null` until the server told it. */
  readonly badge: Readable<Badge | null>
  /** The rooms, newest first. */
  readonly rooms: Readable<RoomList>
  readonly notifications: NotificationFeed
  /** Connects, and stays connected. After `needs-auth` or `closed`: tries anew. */
  start(): void
  /** Ends the connection. Messages that wait are kept for a later `start`. */
  stop(): Promise<void>
  loadMoreRooms(): Promise<void>
  createRoom(body: RequestOf<'POST /v1/rooms'>['body']): Promise<RoomState>
  /** A room by its id; the same object each time. */
  room(roomId: RoomId): RoomHandle
  /** Whether somebody is here; told of people one shares a direct room with. */
  presence(userId: UserId): Readable<PresenceState>
  /** Whether the app is in view on this device: while it is not, no room counts as open and nothing is read. */
  setVisible(visible: boolean): void
  /** Whether the device has a network, as far as it knows. */
  setOnline(online: boolean): void
  /** From now on news travel this way. */
  setTransport(transport: TransportPolicy): void
  /** Takes back everything that was not stored yet, in every room and every tab: whoever wrote it is no more. */
  discardUnsent(): void
  /** Reads every room up to where it stands now. */
  markAllRead(): Promise<void>
  block(userId: UserId): Promise<void>
  unblock(userId: UserId): Promise<void>
  /** Whom the person has blocked. */
  listBlocks(): Promise<Block[]>
  /** Why the badge is what it is, room by room. */
  explain(query?: RequestOf<'GET /v1/badge/explain'>['query']): Promise<Explanation>
  /**
   * Any request of the native HTTP API, as this person. `search`, `uploadFile`, `reportMessage` and the like are made of
   * it; so can be what this client does not know of.
   * @param path as the server documents it: `/v1/…`, with its query. Nothing that could name another host, which would
   * get the token.
   * @throws RequestError `invalid_request`, where it could; the server's refusal.
   */
  fetch(path: string, request?: HttpRequest): Promise<Response>
  /** Calls back for each row of the room list that comes. @returns the function that ends it. */
  onBadgeTrace(onTrace: (trace: BadgeTrace) => void): () => void
}

/** Makes a client. Nothing happens before its `start`. */
export function createTally(options: TallyOptions): Tally {
  const {
    url,
    token,
    nowMs = () => performance.now(),
    wallClock = () => new Date(),
    random = Math.random,
  } = options
  const session = new Session({
    url,
    token,
    nowMs,
    wallClock,
    random,
    // Not the function itself: browsers refuse it as a method of another object.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    transport: options.transport ?? 'auto',
    longPoll: options.longPoll ?? true,
    followPage: options.followPage ?? true,
    provider: options.provider,
    storage: options.storage ?? indexedDbStorage() ?? memoryStorage(),
    tabs: options.shareTabs === false ? undefined : (options.tabPlatform ?? browserTabs()),
  })
  const { http, stores, connection, channels } = session
  const { notifications, rooms } = stores
  const handles = new Map<RoomId, RoomHandle>()
  const setBlocked = (blocked: boolean) => async (userId: UserId) => {
    await http.call('PUT /v1/blocks', { body: { userId, blocked } })
  }
  const blocksFrom = async (cursor?: Cursor): Promise<Block[]> => {
    const { items, next } = await http.call('GET /v1/blocks', { query: { cursor } })
    return next ? [...items, ...(await blocksFrom(next))] : items
  }

  return {
    connection: connection.status,
    me: stores.me,
    badge: stores.badge.value,
    rooms: rooms.list,
    notifications: {
      list: notifications.list,
      load: () => notifications.load(),
      loadMore: () => notifications.loadMore(),
      read: (which) => notifications.read(which),
    },
    start: () => session.start(),
    stop: () => session.stop(),
    loadMoreRooms: async () => session.catchUp.loadMoreRooms(connection.provider()),
    createRoom: async (body) => {
      const stamp = stores.clock.stampOfRequest()
      const room = await http.call('POST /v1/rooms', { body })
      if ('me' in room) rooms.applyRoom(room, stamp)
      const state = rooms.stateOf(room.id).get()
      if (state === undefined) throw new RequestError('room_not_found')
      return state
    },
    room: (roomId) => knownOrNew(handles, roomId, () => createRoomHandle(channels.get(roomId), session)),
    presence: (userId) => stores.presence.of(userId),
    setVisible: (visible) => session.setVisible(visible),
    setOnline: (online) => session.setOnline(online),
    setTransport: (transport) => connection.setPolicy(transport),
    discardUnsent: () => session.delivery.queue.discardAll(),
    markAllRead: async () => {
      await http.call('POST /v1/read-all', {})
    },
    block: setBlocked(true),
    unblock: setBlocked(false),
    listBlocks: () => blocksFrom(),
    explain: (query = {}) => http.call('GET /v1/badge/explain', { query }),
    fetch: (path, request) => http.fetch(path, request),
    onBadgeTrace: (onTrace) => {
      session.traceListeners.add(onTrace)
      return () => session.traceListeners.delete(onTrace)
    },
  }
}
