import type { Cursor, Notification, NotificationId, WireNotification } from '@tally/protocol'
import type { HttpApi } from './http-api.ts'
import { type Readable, writable } from './readable.ts'

/** The notification feed, newest first. How many are unread stands in the badge. */
export type NotificationList = { items: readonly Notification[]; loading: boolean; hasMore: boolean }

const PAGE = 50

export type NotificationStoreOptions = {
  http: HttpApi
  /** The time of now for people (ISO 8601): what an entry read here is marked with. */
  isoNow: () => string
  onError: (error: unknown) => void
}

/** The feed, once somebody looked at it: entries are registers, of which a read one stays read. */
export class NotificationStore {
  readonly #options: NotificationStoreOptions
  readonly #list = writable<NotificationList>({ items: [], loading: false, hasMore: true })
  readonly #entries = new Map<NotificationId, Notification>()
  #isLoaded = false
  #next: Cursor | null = null
  #loading: Promise<void> | undefined

  constructor(options: NotificationStoreOptions) {
    this.#options = options
  }

  get list(): Readable<NotificationList> {
    return this.#list
  }

  /** Loads the newest entries. */
  load(): Promise<void> {
    return this.#page(undefined)
  }

  /** Loads older entries. */
  async loadMore(): Promise<void> {
    if (!this.#isLoaded) return this.load()
    if (this.#next !== null) await this.#page(this.#next)
  }

  /** Marks entries as read: these, or all there are. */
  async read(which: readonly NotificationId[] | 'all'): Promise<void> {
    const ids = which === 'all' ? [...this.#entries.keys()] : which
    if (ids.length === 0 && which !== 'all') return
    const body = which === 'all' ? { all: true as const } : { ids: [...which] }
    await this.#options.http.call('POST /v1/notifications/read', { body })
    const readAt = this.#options.isoNow()
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (entry !== undefined && entry.readAt === null) this.#entries.set(id, { ...entry, readAt })
    }
    this.#publish()
  }

  /** A new entry. */
  apply({ created_at, ...wire }: WireNotification): void {
    if (!this.#entries.has(wire.id))
      this.#entries.set(wire.id, { ...wire, createdAt: created_at, readAt: null })
    this.#publish()
  }

  /** The badge says how many are unread. Where the list says otherwise (read on another device) it is loaded anew. */
  agreeWith(unread: number): void {
    if (!this.#isLoaded || this.#loading !== undefined) return
    const shown = [...this.#entries.values()].filter(({ readAt }) => readAt === null).length
    if (shown > unread || (shown < unread && this.#next === null)) this.refresh()
  }

  /** Something may have been missed. */
  refresh(): void {
    if (this.#isLoaded) this.load().catch(this.#options.onError)
  }

  #page(cursor: Cursor | undefined): Promise<void> {
    this.#loading ??= this.#fetch(cursor).finally(() => {
      this.#loading = undefined
      this.#publish()
    })
    this.#publish()
    return this.#loading
  }

  async #fetch(cursor: Cursor | undefined): Promise<void> {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }
    const { items, next } = await this.#options.http.call('GET /v1/notifications', { query })
    // The newest page anew: what was loaded below it is of the past, and is loaded again when somebody goes there.
    if (cursor === undefined) this.#keepNewerThan(items.at(0))
    for (const entry of items) {
      const known = this.#entries.get(entry.id)
      this.#entries.set(entry.id, known?.readAt == null ? entry : { ...entry, readAt: known.readAt })
    }
    this.#isLoaded = true
    this.#next = next
  }

  /** Entries that came while the page was on its way are not on it. */
  #keepNewerThan(newest: Notification | undefined): void {
    for (const [id, entry] of this.#entries) {
      if (newest === undefined || entry.createdAt <= newest.createdAt) this.#entries.delete(id)
    }
  }

  #publish(): void {
    const items = [...this.#entries.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    const hasMore = !this.#isLoaded || this.#next !== null
    this.#list.set({ items, loading: this.#loading !== undefined, hasMore })
  }
}
