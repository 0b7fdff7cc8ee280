import type { Presence, UserId } from '@tally/protocol'
import { knownOrNew } from './known-or-new.ts'
import { type Writable, writable } from './readable.ts'

/** Whether somebody is here. `lastSeenAt`: when not; `null` when it is not known. */
export type PresenceState = { online: boolean; lastSeenAt: string | null }

const UNKNOWN: PresenceState = { online: false, lastSeenAt: null }

/** Who is here, as far as the server told. */
export class PresenceStore {
  readonly #people = new Map<UserId, Writable<PresenceState>>()
  readonly #onChange: (userId: UserId) => void

  constructor(onChange: (userId: UserId) => void) {
    this.#onChange = onChange
  }

  of(userId: UserId): Writable<PresenceState> {
    return knownOrNew(this.#people, userId, () => writable(UNKNOWN))
  }

  isOnline(userId: UserId): boolean {
    return this.#people.get(userId)?.get().online ?? false
  }

  apply({ userId, online, lastSeenAt }: Presence): void {
    const state = this.of(userId)
    const known = state.get()
    if (known.online === online && known.lastSeenAt === lastSeenAt) return
    state.set({ online, lastSeenAt })
    this.#onChange(userId)
  }

  /** The connection is gone: nobody can be said to be here. */
  forget(): void {
    for (const [userId, state] of this.#people) {
      if (!state.get().online) continue
      state.set(UNKNOWN)
      this.#onChange(userId)
    }
  }
}
