import type { RoomId, UserId } from '@tally/protocol'
import type { DeviceId } from './ledger-step.ts'

export type Typist = { readonly roomId: RoomId; readonly userId: UserId }

type TypingPerson = Typist & {
  toldAtMs: number
  /** Until when each device's last signal holds. */
  readonly untilMs: Map<DeviceId, number>
}

/**
 * Who is typing. A person types in a room while at least one of their devices does; a signal that is not repeated is
 * over by itself, because nobody says "I stopped" when a phone goes into a pocket. Only people who type are held. (For a
 * node that hears of other nodes' people these nodes are the devices: one that dies says nothing either.)
 */
export class TypingBoard {
  readonly #ttlMs: number
  readonly #repeatMs: number
  readonly #rooms = new Map<RoomId, Map<UserId, TypingPerson>>()

  /** @param options.repeatMs how long somebody types until that is worth telling again. */
  constructor({ ttlMs, repeatMs = ttlMs / 2 }: { ttlMs: number; repeatMs?: number }) {
    this.#ttlMs = ttlMs
    this.#repeatMs = repeatMs
  }

  /** Who types in a room, as far as their signals hold. */
  typistsIn(roomId: RoomId, nowMs: number): UserId[] {
    const typists = this.#rooms.get(roomId)?.values() ?? []
    return Array.from(typists)
      .filter(({ untilMs }) => [...untilMs.values()].some((until) => until > nowMs))
      .map(({ userId }) => userId)
  }

  /** One device's signal. @returns whether it is worth telling: the person began, stopped, or goes on for long. */
  set(signal: Typist & { deviceId: DeviceId; typing: boolean; nowMs: number }): boolean {
    const { roomId, userId, deviceId, typing, nowMs } = signal
    const known = this.#rooms.get(roomId)?.get(userId)
    if (typing) {
      const untilMs = nowMs + this.#ttlMs
      if (known === undefined) {
        this.#put({ roomId, userId, toldAtMs: nowMs, untilMs: new Map([[deviceId, untilMs]]) })
        return true
      }
      known.untilMs.set(deviceId, untilMs)
      if (nowMs - known.toldAtMs < this.#repeatMs) return false
      known.toldAtMs = nowMs
      return true
    }
    if (known === undefined) return false
    known.untilMs.delete(deviceId)
    return this.#forgetIdle(known)
  }

  /** Ends signals that were not repeated in time. @returns people who stopped by that. */
  expire(nowMs: number): Typist[] {
    return this.#end((untilMs) => untilMs <= nowMs)
  }

  /** A device is gone. @returns people who stopped by that. */
  drop(deviceId: DeviceId): Typist[] {
    return this.#end((_, device) => device === deviceId)
  }

  #put(person: TypingPerson): void {
    const room = this.#rooms.get(person.roomId)
    if (room === undefined) this.#rooms.set(person.roomId, new Map([[person.userId, person]]))
    else room.set(person.userId, person)
  }

  #end(isOver: (untilMs: number, deviceId: DeviceId) => boolean): Typist[] {
    const stopped: Typist[] = []
    for (const room of this.#rooms.values()) {
      for (const person of room.values()) {
        for (const [deviceId, untilMs] of person.untilMs) {
          if (isOver(untilMs, deviceId)) person.untilMs.delete(deviceId)
        }
        if (this.#forgetIdle(person)) stopped.push({ roomId: person.roomId, userId: person.userId })
      }
    }
    return stopped
  }

  #forgetIdle({ roomId, userId, untilMs }: TypingPerson): boolean {
    const room = this.#rooms.get(roomId)
    if (untilMs.size > 0 || room === undefined) return false
    room.delete(userId)
    if (room.size === 0) this.#rooms.delete(roomId)
    return true
  }
}
