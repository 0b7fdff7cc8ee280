import type { UserId } from '@tally/protocol'
import type { Session } from './session.ts'

/** Who is connected to this node, and through which sessions. */
export class People {
  readonly #sessions = new Map<UserId, Set<Session>>()

  add(userId: UserId, session: Session): void {
    const sessions = this.#sessions.get(userId)
    if (sessions === undefined) this.#sessions.set(userId, new Set([session]))
    else sessions.add(session)
  }

  remove(userId: UserId, session: Session): void {
    const sessions = this.#sessions.get(userId)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#sessions.delete(userId)
  }

  of(userId: UserId): ReadonlySet<Session> {
    return this.#sessions.get(userId) ?? NOBODY
  }
}

const NOBODY: ReadonlySet<Session> = new Set()
