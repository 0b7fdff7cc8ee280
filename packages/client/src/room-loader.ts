import { type ChatRoomUpdated, RequestError, type RoomId, v1 } from '@tally/protocol'
import type { HttpApi } from './http-api.ts'
import type { RevClock } from './rev-clock.ts'
import type { RoomStore } from './room-store.ts'

export type RoomLoaderOptions = {
  http: HttpApi
  rooms: RoomStore
  clock: RevClock
  onError: (error: unknown) => void
}

/** Fetches single rooms: those of which a frame came before anything else was known. */
export class RoomLoader {
  readonly #options: RoomLoaderOptions
  readonly #underWay = new Map<RoomId, Promise<void>>()
  /** The newest frame of a room that is being fetched: it may be newer than the answer. */
  readonly #frames = new Map<RoomId, ChatRoomUpdated>()

  constructor(options: RoomLoaderOptions) {
    this.#options = options
  }

  /** A row of a room that is not known here: somebody was added, or the room is beyond the pages that were loaded. */
  applyUnknown(frame: ChatRoomUpdated): void {
    this.#frames.set(frame.roomId, frame)
    this.load(frame.roomId).catch(this.#options.onError)
  }

  /** Resolves when the room is known, or known to be gone. */
  async ensure(roomId: RoomId): Promise<void> {
    if (!this.#options.rooms.has(roomId)) await this.load(roomId)
  }

  /** Fetches the room as it is now: after what was asked for before. */
  async reload(roomId: RoomId): Promise<void> {
    await this.#underWay.get(roomId)
    await this.load(roomId)
  }

  /** Fetches the room, unless that is under way. */
  load(roomId: RoomId): Promise<void> {
    const known = this.#underWay.get(roomId)
    if (known !== undefined) return known
    const loading = this.#fetch(roomId).finally(() => {
      this.#underWay.delete(roomId)
      this.#frames.delete(roomId)
    })
    this.#underWay.set(roomId, loading)
    return loading
  }

  async #fetch(roomId: RoomId): Promise<void> {
    const { http, rooms, clock } = this.#options
    const stamp = clock.stampOfRequest()
    try {
      const room = await http.call(v1.readRoom, { params: { roomId } })
      // Without `me` it would be the answer to a server's key.
      if ('me' in room) rooms.applyRoom(room, stamp)
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'room_not_found') throw error
      rooms.remove(roomId)
    }
    const frame = this.#frames.get(roomId)
    if (frame !== undefined) rooms.applyFrame(frame)
  }
}
