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
  readonly #people = new Map<string, TypingPerson>()

  /** @param options.repeatMs how long somebody types until that is worth telling again. */
  constructor({ ttlMs, repeatMs = ttlMs / 2 }: { ttlMs: number; repeatMs?: number }) {
    this.#ttlMs = ttlMs
    this.#repeatMs = repeatMs
  }

  /** One device's signal. @returns whether it is worth telling: the person began, stopped, or goes on for long. */
  set(signal: Typist & { deviceId: DeviceId; typing: boolean; nowMs: number }): boolean {
    const { roomId, userId, deviceId, typing, nowMs } = signal
    const key = keyOf(signal)
    const known = this.#people.get(key)
    if (typing) {
      const untilMs = nowMs + this.#ttlMs
      if (known === undefined) {
        this.#people.set(key, { roomId, userId, toldAtMs: nowMs, untilMs: new Map([[deviceId, untilMs]]) })
        return true
      }
      known.untilMs.set(deviceId, untilMs)
      if (nowMs - known.toldAtMs < this.#repeatMs) return false
      known.toldAtMs = nowMs
      return true
    }
    if (known === undefined) return false
    known.untilMs.delete(deviceId)
    return this.#forgetIdle(key, known)
  }

  /** Ends signals that were not repeated in time. @returns people who stopped by that. */
  expire(nowMs: number): Typist[] {
    return this.#end((untilMs) => untilMs <= nowMs)
  }

  /** A device is gone. @returns people who stopped by that. */
  drop(deviceId: DeviceId): Typist[] {
    return this.#end((_, device) => device === deviceId)
  }

  #end(isOver: (untilMs: number, deviceId: DeviceId) => boolean): Typist[] {
    const stopped: Typist[] = []
    for (const [key, person] of this.#people) {
      for (const [deviceId, untilMs] of person.untilMs) {
        if (isOver(untilMs, deviceId)) person.untilMs.delete(deviceId)
      }
      if (this.#forgetIdle(key, person)) stopped.push({ roomId: person.roomId, userId: person.userId })
    }
    return stopped
  }

  #forgetIdle(key: string, person: TypingPerson): boolean {
    return person.untilMs.size === 0 && this.#people.delete(key)
  }
}

// Ids are lines of text: none contains a line break, so no two pairs share a key.
function keyOf({ roomId, userId }: Typist): string {
  return `${roomId}\n${userId}`
}
