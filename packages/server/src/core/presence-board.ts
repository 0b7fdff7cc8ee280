import type { UserId } from '@tally/protocol'
import type { NodeId } from './ledger-step.ts'

/** What one node tells the others about one person: absolute, so it may come twice. */
export type PresenceNews = {
  readonly userId: UserId
  /** Who tells it; the node where the person is, when they are. */
  readonly nodeId: NodeId
  readonly online: boolean
  /** When the last device went, in ms since 1970 by the clock of the node that tells; `null` for somebody who is here. */
  readonly lastSeenAtMs: number | null
}

type Person = Omit<PresenceNews, 'userId' | 'nodeId'> & {
  /** Nodes that said the person is there. One that the person has left since may be among them. */
  readonly nodeIds: readonly NodeId[]
}

const NOWHERE: readonly NodeId[] = []

/** What this node has heard of who is here, from all nodes. Bounded: whoever nothing was heard of longest is forgotten. */
export class PresenceBoard {
  readonly #maxPeople: number
  readonly #people = new Map<UserId, Person>()

  constructor(options: { maxPeople: number }) {
    this.#maxPeople = options.maxPeople
  }

  /** `undefined` for somebody nothing was heard of. */
  of(userId: UserId): Pick<PresenceNews, 'online' | 'lastSeenAtMs'> | undefined {
    return this.#people.get(userId)
  }

  /** @returns whether it was news: what was known before said something else. */
  hear({ userId, nodeId, online, lastSeenAtMs }: PresenceNews): boolean {
    const known = this.#people.get(userId)
    const others = known?.online === true ? known.nodeIds.filter((id) => id !== nodeId) : []
    this.#put(userId, { online, lastSeenAtMs, nodeIds: online ? others.concat(nodeId) : NOWHERE })
    return known?.online !== online || known.lastSeenAtMs !== lastSeenAtMs
  }

  /** Whether another node than this one said that somebody is there. */
  isElsewhere(userId: UserId, nodeId: NodeId): boolean {
    return this.#people.get(userId)?.nodeIds.some((id) => id !== nodeId) === true
  }

  /** People who are believed to be here because this node said so, alone or among others. */
  broughtBy(nodeId: NodeId): UserId[] {
    const userIds: UserId[] = []
    for (const [userId, { nodeIds }] of this.#people) if (nodeIds.includes(nodeId)) userIds.push(userId)
    return userIds
  }

  /** Somebody who is here is nowhere else than on these nodes. */
  relocate(userId: UserId, nodeIds: readonly NodeId[]): void {
    const known = this.#people.get(userId)
    if (known?.online === true) this.#people.set(userId, { ...known, nodeIds })
  }

  #put(userId: UserId, person: Person): void {
    this.#people.delete(userId)
    this.#people.set(userId, person)
    if (this.#people.size <= this.#maxPeople) return
    const [oldest] = this.#people.keys()
    if (oldest !== undefined) this.#people.delete(oldest)
  }
}
