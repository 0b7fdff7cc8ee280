import type { RoomId, Seq, UserId } from '@tally/protocol'

export type FurthestPlacesOptions = {
  /** Rooms to remember; the one in which nobody came further for longest goes first. */
  maxRooms: number
  /** People to remember of one room, likewise. */
  maxPeoplePerRoom: number
}

/** How far people have come in rooms: of two places the further one stays, in whichever order they are heard of. */
export class FurthestPlaces {
  readonly #options: FurthestPlacesOptions
  /** In order of use, the least recent first; likewise each room's people. */
  readonly #rooms = new Map<RoomId, Map<UserId, Seq>>()

  constructor(options: FurthestPlacesOptions) {
    this.#options = options
  }

  /** @returns whether that is further than what was known. */
  raise({ roomId, userId, seq }: { roomId: RoomId; userId: UserId; seq: Seq }): boolean {
    const { maxRooms, maxPeoplePerRoom } = this.#options
    const people = this.#rooms.get(roomId) ?? new Map<UserId, Seq>()
    if ((people.get(userId) ?? 0) >= seq) return false
    put(people, { key: userId, value: seq, max: maxPeoplePerRoom })
    put(this.#rooms, { key: roomId, value: people, max: maxRooms })
    return true
  }

  /** Everybody of whom something is known in this room, by id. */
  in(roomId: RoomId): { userId: UserId; seq: Seq }[] {
    const people = Array.from(this.#rooms.get(roomId) ?? [], ([userId, seq]) => ({ userId, seq }))
    return people.sort((a, b) => (a.userId < b.userId ? -1 : 1))
  }

  /** 0: nothing is known. */
  of(roomId: RoomId, userId: UserId): number {
    return this.#rooms.get(roomId)?.get(userId) ?? 0
  }
}

/** Puts an entry last and lets go of the first one when there are too many. */
function put<K, V>(map: Map<K, V>, { key, value, max }: { key: K; value: V; max: number }): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= max) return
  for (const first of map.keys()) {
    map.delete(first)
    return
  }
}
