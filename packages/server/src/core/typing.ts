import type { RoomId, UserId } from '@tally/protocol'
import type { DeviceId } from './ledger-step.ts'

export type Typist = { readonly roomId: RoomId; readonly userId: UserId }

type TypingPerson = Typist & {
  /** Until when each device's last signal holds. */
  readonly untilMs: Map<DeviceId, number>
}

/**
 * Who is typing. A person types in a room while at least one of their devices does; a signal that is not repeated is
 * over by itself, because nobody says "I stopped" when a phone goes into a pocket. Only people who type are held.
 */
export class TypingBoard {
  readonly #ttlMs: number
  readonly #people = new Map<string, TypingPerson>()

  constructor(options: { ttlMs: number }) {
    this.#ttlMs = options.ttlMs
  }

  /** One device's signal. @returns whether the person began or stopped: only that is worth telling. */
  set(signal: Typist & { deviceId: DeviceId; typing: boolean; nowMs: number }): boolean {
    const { roomId, userId, deviceId, typing, nowMs } = signal
    const key = keyOf(signal)
    const known = this.#people.get(key)
    if (typing) {
      const untilMs = nowMs + this.#ttlMs
      if (known === undefined)
        this.#people.set(key, { roomId, userId, untilMs: new Map([[deviceId, untilMs]]) })
      else known.untilMs.set(deviceId, untilMs)
      return known === undefined
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
