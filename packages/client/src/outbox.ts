import type { UserId } from '@tally/protocol'
import type { KeyValueStorage } from './key-value-storage.ts'
import { formatPending, type PendingMessage, parsePending } from './pending-message.ts'
import type { SendJournal, SendQueue } from './send-queue.ts'
import { Timer } from './timer.ts'
import { within } from './within.ts'

/** A storage that does not answer in this time is not waited for. */
const PATIENCE_MS = 3_000

export type OutboxOptions = {
  storage: KeyValueStorage
  /** Messages for one server are not sent to another. */
  server: string
  queue: () => SendQueue
  /** What was kept has been read: whatever waits may go out, in its order. */
  onLoaded: () => void
  /** Told like the storage, where others have the same outbox. */
  others: SendJournal
}

/**
 * Keeps the messages that wait where a reload or a crash does not reach them, each person's apart: what somebody wrote
 * is never sent in another's name. Until it is known who writes, they wait in memory.
 */
export class Outbox implements SendJournal {
  readonly #options: OutboxOptions
  #owner: UserId | undefined
  #isLoaded = false
  #lastWrite: Promise<unknown> = Promise.resolve()
  readonly #patience = new Timer()

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Whether what was kept is known, so that nothing that was written later goes out before it. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Whose messages wait here; nobody's yet, while it is not known who writes. */
  get owner(): UserId | undefined {
    return this.#owner
  }

  /** It is known who writes here. */
  belongTo(userId: UserId): void {
    if (userId === this.#owner) return
    const queue = this.#options.queue()
    if (this.#owner !== undefined) queue.clear()
    this.#owner = userId
    this.#isLoaded = false
    for (const message of queue.all()) this.put(message)
    this.#load(userId)
  }

  put(message: PendingMessage): void {
    this.#tell('put', message)
  }

  remove(message: PendingMessage): void {
    this.#tell('remove', message)
  }

  /** Resolves when everything that was told is kept, as far as the storage can. */
  async written(): Promise<void> {
    await within(PATIENCE_MS, this.#lastWrite).catch(ignore)
  }

  #prefix(userId: UserId): string {
    return `tally/1/outbox/${encodeURIComponent(this.#options.server)}/${encodeURIComponent(userId)}/`
  }

  /** A storage that fails is no reason not to send: what waits is in memory, too. */
  #tell(what: keyof SendJournal, message: PendingMessage): void {
    if (this.#owner === undefined) return
    const { storage, others } = this.#options
    const key = this.#prefix(this.#owner) + message.clientId
    const write = what === 'put' ? storage.set(key, formatPending(message)) : storage.delete(key)
    this.#lastWrite = Promise.all([this.#lastWrite, write.catch(ignore)])
    others[what](message)
  }

  #load(userId: UserId): void {
    const { storage, queue, onLoaded } = this.#options
    const accept = (entries: Awaited<ReturnType<KeyValueStorage['entries']>>): void => {
      if (userId !== this.#owner) return
      this.#patience.clear()
      const messages = entries.flatMap(([key, kept]) => {
        const message = parsePending(kept)
        if (message === undefined) storage.delete(key).catch(ignore)
        return message ?? []
      })
      queue().restore(messages)
      this.#isLoaded = true
      onLoaded()
    }
    // What it tells all the same, later, goes out then.
    this.#patience.set(PATIENCE_MS, () => accept([]))
    storage.entries(this.#prefix(userId)).then(accept, () => accept([]))
  }
}

const ignore = (): void => {}
