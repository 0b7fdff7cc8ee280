import { endHeartbeat, sendHeartbeat } from '../store/heartbeat.ts'
import { adoptHistory, bumpLedgerEpoch, readLedgerEpoch } from '../store/ledger-epoch.ts'
import { nextWarms } from '../store/next-warms.ts'
import type { Database } from '../store/open-database.ts'

export type NodeHeartbeatOptions = {
  db: Database
  /** Whether what this node merges is merged for itself alone. */
  keepsOwnLedger: () => boolean
  /** Told when every key of the ledger became cold: the people who are connected here are to be warmed again. */
  onNewEpoch: (epoch: number) => void
}

/** So many beats after the last of them is gone what other nodes committed is still read. */
const BEATS_OF_CARE = 3

/**
 * This node's sign of life in the database, and what it learns by it: the ledger's epoch. A node that hears of a new
 * epoch a second late answers from keys that are a second old, and merges into keys that nobody trusts any more.
 */
export class NodeHeartbeat {
  readonly #options: NodeHeartbeatOptions
  #epoch = 0
  #beatsWithoutOthers = BEATS_OF_CARE
  #beatsWithoutOwn = BEATS_OF_CARE
  /** The marking of what the last raised epoch left behind. */
  #closing = Promise.resolve()

  constructor(options: NodeHeartbeatOptions) {
    this.#options = options
  }

  /** Keys that were warmed with this number or a lower one are cold. 0 before the first beat: nothing is. */
  get epoch(): number {
    return this.#epoch
  }

  /** Whether there are other nodes, or were some seconds ago. */
  get hasOthers(): boolean {
    return this.#beatsWithoutOthers < BEATS_OF_CARE
  }

  /**
   * Whether other nodes commit what they merge for themselves alone, or did so until some seconds ago: what they
   * committed last may still have to be read.
   */
  get othersKeepOwn(): boolean {
    return this.#beatsWithoutOwn < BEATS_OF_CARE
  }

  /**
   * To be called before the ledger is asked for the first time, and every second from then on.
   * @throws RequestError `storage_unavailable`.
   */
  async beat(): Promise<void> {
    const { db, keepsOwnLedger } = this.#options
    const heldBefore = this.#epoch
    const { epoch, isKnownHistory, hasOthers, othersKeepOwn } = await sendHeartbeat(db, {
      keepsOwnLedger: keepsOwnLedger(),
    })
    this.#beatsWithoutOthers = hasOthers ? 0 : this.#beatsWithoutOthers + 1
    this.#beatsWithoutOwn = othersKeepOwn ? 0 : this.#beatsWithoutOwn + 1
    const present = isKnownHistory ? epoch : await adoptHistory(db)
    // What this node raised meanwhile is newer than this answer, perhaps; the next one will tell.
    if (this.#epoch === heldBefore) this.adopt(present)
  }

  /** An epoch that this node raised itself holds at once. */
  adopt(epoch: number): void {
    const isNew = this.#epoch !== 0 && epoch !== this.#epoch
    this.#epoch = epoch
    if (isNew) this.#options.onNewEpoch(epoch)
  }

  /**
   * Makes every key cold, those included that were made by nodes which merge what this one does not see. Nodes that ask
   * for it at about the same time raise the epoch once: each looks at it first, and one that was raised since that look
   * is as good as its own. Whoever calls has stopped merging elsewhere before: what it committed until now every key
   * above a later epoch has in its snapshot.
   *
   * @param untilOthersLooked how long one may raise it for the others, too.
   * @throws RequestError `storage_unavailable`.
   */
  async raise(untilOthersLooked: () => Promise<unknown>): Promise<void> {
    const { db } = this.#options
    const from = await readLedgerEpoch(db)
    await untilOthersLooked()
    const { epoch, closeOutbox } = await bumpLedgerEpoch(db, { from })
    this.adopt(epoch)
    // Everybody waits for the epoch, and after a long outage this takes its time. Rows that stay undone are told again.
    this.#closing = closeOutbox().catch(() => {})
  }

  /** An epoch that somebody else knows of holds as soon as this node hears of it. */
  hear(epoch: number): void {
    if (epoch > this.#epoch) this.adopt(epoch)
  }

  /**
   * The next numbers of the warm sequence. Every epoch below them this node knows afterwards, because it looks when they are
   * drawn: a key that is made with one carries that epoch, and does nothing for a node that went away before it.
   *
   * @throws RequestError `storage_unavailable`.
   */
  async drawWarms(count: number): Promise<number[]> {
    const { warms, epoch } = await nextWarms(this.#options.db, count)
    this.hear(epoch)
    return warms
  }

  /** The others take over at once what this node left undone; if they cannot be told, when its last beat has grown old. */
  async end(): Promise<void> {
    await this.#closing
    await endHeartbeat(this.#options.db).catch(() => {})
  }
}
