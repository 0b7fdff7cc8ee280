import { setImmediate as nextTurn } from 'node:timers/promises'
import { type MessageId, RequestError, type RoomId } from '@tally/protocol'
import { commitGroup } from './commit-group.ts'
import type { CommittedGroup, GroupRead, ReadOutcome, SendOutcome } from './committed-group.ts'
import type { GroupResult, ReadHeadItem, SendItem, SendResult } from './group-items.ts'
import type { Limiter } from './limit-concurrency.ts'
import type { Database } from './open-database.ts'
import { isRolledBack, storageFaultOf } from './storage-faults.ts'

type PendingSend = {
  kind: 'send'
  item: SendItem
  resolve: (outcome: SendOutcome) => void
  reject: (error: unknown) => void
}

type PendingRead = {
  kind: 'read'
  item: ReadHeadItem
  resolve: (outcome: ReadOutcome) => void
  reject: (error: unknown) => void
}

/** Something accepted that waits for its commit. */
export type Pending = PendingSend | PendingRead

export type LaneOptions = {
  db: Database
  maxGroupSize: number
  /** Whether its groups wait for rows that others hold. */
  wait: boolean
  /** Shared by lanes that may not all run at once. */
  limit?: Limiter
  onGroup: (group: CommittedGroup) => void | Promise<void>
  /** Told of items that were left out of a group, before the next group is taken. */
  onBusy: (busy: readonly Pending[]) => void
  /** Told when the last item is answered. */
  onDrained: () => void
}

/** A queue whose items are committed in groups, one group after the other. */
export class CommitLane {
  readonly #options: LaneOptions
  #queue: Pending[] = []
  #isRunning = false

  constructor(options: LaneOptions) {
    this.#options = options
  }

  /** How many items wait for the group before theirs. */
  get waiting(): number {
    return this.#queue.length
  }

  push(pending: readonly Pending[]): void {
    this.#queue.push(...pending)
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#run()
  }

  /** Takes out what is queued for a room. */
  takeOut(roomId: RoomId): Pending[] {
    const taken = this.#queue.filter(({ item }) => item.roomId === roomId)
    if (taken.length > 0) this.#queue = this.#queue.filter(({ item }) => item.roomId !== roomId)
    return taken
  }

  async #run(): Promise<void> {
    const { db, limit = (work) => work(), maxGroupSize } = this.#options
    // What the present tick still brings goes along. A database that answers within the tick must wait for what other
    // sockets bring in this turn of the event loop: every message would be a group of its own.
    await (db.answersAtOnce ? nextTurn() : Promise.resolve())
    while (this.#queue.length > 0) {
      await limit(() => this.#commit(this.#queue.splice(0, maxGroupSize)))
    }
    this.#isRunning = false
    this.#options.onDrained()
  }

  async #commit(pending: readonly Pending[]): Promise<void> {
    const { db, wait } = this.#options
    const sends = pending.filter((each) => each.kind === 'send')
    const reads = pending.filter((each) => each.kind === 'read')
    const startedAtMs = performance.now()
    let result: GroupResult
    try {
      result = await commitGroup(db, { sends: sends.map(itemOf), reads: reads.map(itemOf), wait })
    } catch (error) {
      return this.#fail(pending, error)
    }
    this.#settle({ sends, reads, result, startedAtMs, committedAtMs: performance.now() })
  }

  /**
   * A group that was rolled back because of one of its items is tried again in halves, until that one stands alone and
   * fails alone. After any other error nobody knows whether it was committed, so nothing is tried again here.
   */
  async #fail(pending: readonly Pending[], error: unknown): Promise<void> {
    if (isRolledBack(error) && pending.length > 1) {
      const middle = pending.length >> 1
      await this.#commit(pending.slice(0, middle))
      return this.#commit(pending.slice(middle))
    }
    const refusal =
      storageFaultOf(error) === 'malformed' ? new RequestError('message_malformed', { cause: error }) : error
    for (const { reject } of pending) reject(refusal)
  }

  #settle(group: AnsweredGroup): void {
    const { sends, reads, result } = group
    const busy = [
      ...sends.filter((_, index) => result.sends[index]?.outcome === 'busy'),
      ...reads.filter((_, index) => result.reads[index]?.outcome === 'busy'),
    ]
    if (busy.length > 0) this.#options.onBusy(busy)
    // The items wait until they were told of, the next group does not.
    const told = result.committed.outboxId === null ? null : this.#options.onGroup(newsOf(group))
    void Promise.resolve(told).finally(() => answer(group))
  }
}

type AnsweredGroup = {
  sends: readonly PendingSend[]
  reads: readonly PendingRead[]
  result: GroupResult
  startedAtMs: number
  committedAtMs: number
}

function itemOf<T>({ item }: { item: T }): T {
  return item
}

function newsOf({ sends, reads, result, startedAtMs, committedAtMs }: AnsweredGroup): CommittedGroup {
  const receivedAtMs = new Map<MessageId, number>()
  const messages = result.sends.flatMap((sent, index) => {
    if (sent.outcome !== 'new') return []
    receivedAtMs.set(sent.message.id, sends[index]?.item.receivedAtMs ?? startedAtMs)
    return [sent.message]
  })
  const groupReads = result.reads.flatMap((read, index): GroupRead[] => {
    const item = reads[index]?.item
    if (read.outcome !== 'read' || item === undefined) return []
    const { readSeq, readEpoch, advanced } = read
    return [{ userId: item.userId, roomId: item.roomId, readSeq, readEpoch, advanced }]
  })
  return {
    committed: result.committed,
    messages,
    reads: groupReads,
    startedAtMs,
    committedAtMs,
    receivedAtMs,
  }
}

function answer({ sends, reads, result }: AnsweredGroup): void {
  for (const [index, { resolve, reject }] of sends.entries()) {
    const sent = result.sends[index]
    const original = sent?.outcome === 'echo' ? result.sends[sent.of] : sent
    if (original === undefined || original.outcome === 'busy') continue
    if (isMessage(original)) resolve({ message: original.message, duplicate: sent?.outcome !== 'new' })
    else reject(refusalOf(original))
  }
  for (const [index, { resolve, reject }] of reads.entries()) {
    const read = result.reads[index]
    if (read?.outcome === 'read') resolve({ readSeq: read.readSeq, readEpoch: read.readEpoch })
    else if (read?.outcome === 'room_not_found') reject(new RequestError('room_not_found'))
  }
}

function isMessage(sent: SendResult): sent is Extract<SendResult, { message: unknown }> {
  return sent.outcome === 'new' || sent.outcome === 'stored'
}

function refusalOf(sent: Exclude<SendResult, { message: unknown }>): RequestError {
  if (sent.outcome === 'echo' || sent.outcome === 'busy') throw new Error(`${sent.outcome} is no answer`)
  return new RequestError(sent.outcome)
}
