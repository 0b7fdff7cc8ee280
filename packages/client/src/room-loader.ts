import { type ChatRoomUpdated, RequestError, type RoomId } from '@tally/protocol'
import type { HttpApi } from './http-api.ts'
import { knownOrNew } from './known-or-new.ts'
import { retryLater, wait } from './retry-later.ts'
import type { RevClock, RevStamp } from './rev-clock.ts'
import type { RoomStore } from './room-store.ts'

const MAX_ATTEMPTS = 2

export type RoomLoaderOptions = {
  http: HttpApi
  rooms: RoomStore
  clock: RevClock
  /** Of the present connection: the next one tells of all rooms anyway. */
  lifetime: () => AbortSignal
  random: () => number
  onError: (error: unknown) => void
}

/** Over how long those in a room spread that ask for it because it has another title, or other members. */
const OUTDATED_SPREAD_MS = { least: 500, perMember: 5 }

/** Fetches single rooms: those of which a frame came before anything else was known, or that are other ones now. */
export class RoomLoader {
  readonly #options: RoomLoaderOptions
  readonly #underWay = new Map<RoomId, Promise<void>>()
  /** The newest frame of a room that is being fetched: it may be newer than the answer. */
  readonly #frames = new Map<RoomId, { frame: ChatRoomUpdated; stamp: RevStamp }>()

  constructor(options: RoomLoaderOptions) {
    this.#options = options
  }

  /**
   * A row of a room that is not known here (somebody was added, or the room is beyond the pages that were loaded), or not
   * with the title and the members of now.
   */
  applyUnknown(frame: ChatRoomUpdated, stamp: RevStamp): void {
    const known = this.#frames.get(frame.roomId)
    const isNewer = known === undefined || this.#options.clock.replaces(stamp, known.stamp)
    if (isNewer) this.#frames.set(frame.roomId, { frame, stamp })
    const { rooms, lifetime, random, onError } = this.#options
    const { roomId } = frame
    const signal = lifetime()
    const isWanted = (): boolean => this.#frames.has(roomId)
    const load = async (): Promise<void> => {
      if (rooms.has(roomId)) await wait(this.spreadMs(roomId), signal)
      if (!signal.aborted && isWanted()) await this.load(roomId)
    }
    retryLater(load, { signal, isWanted, random }).catch(onError)
  }

  /** When to ask for a room that is another one now: all who are in it heard of that at the same moment. */
  spreadMs(roomId: RoomId): number {
    const { rooms, random } = this.#options
    const memberCount = rooms.row(roomId)?.room.memberCount ?? 0
    return random() * Math.max(OUTDATED_SPREAD_MS.least, memberCount * OUTDATED_SPREAD_MS.perMember)
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
    return knownOrNew(this.#underWay, roomId, () =>
      this.#fetch(roomId).finally(() => {
        this.#underWay.delete(roomId)
      }),
    )
  }

  async #fetch(roomId: RoomId): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await this.#fetchOnce(roomId)
      const waiting = this.#frames.get(roomId)
      if (waiting === undefined || this.#options.rooms.applyFrame(waiting.frame, waiting.stamp)) break
      // Left and joined again while the answer was on its way: it was of before.
    }
    this.#frames.delete(roomId)
  }

  async #fetchOnce(roomId: RoomId): Promise<void> {
    const { http, rooms, clock } = this.#options
    const stamp = clock.stampOfRequest()
    try {
      const room = await http.call('GET /v1/rooms/:roomId', { params: { roomId } })
      // Without `me` it would be the answer to a server's key.
      if ('me' in room) rooms.applyRoom(room, stamp)
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'room_not_found') throw error
      rooms.remove(roomId, stamp)
    }
  }
}
