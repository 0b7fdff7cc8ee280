import type {
  Change,
  Cursor,
  FeedNews,
  FeedState,
  Notification,
  NotificationId,
  Seq,
  WireNotification,
} from '@tally/protocol'
import type { HttpApi } from './http-api.ts'
import { type Readable, writable } from './readable.ts'

/** The notification feed, newest first, without what was archived. How many are unread stands in the badge. */
export type NotificationList = {
  items: readonly Notification[]
  loading: boolean
  hasMore: boolean
  /** What all devices of the person agree on, as far as it is known here. Entries above its `seenSeq` are unseen. */
  state: FeedState
}

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
  readonly #list = writable<NotificationList>({
    items: [],
    loading: false,
    hasMore: true,
    state: { seenSeq: 0 as Seq, change: 0 as Change, preferencesRev: 0 },
  })
  readonly #entries = new Map<NotificationId, Notification>()
  #isLoaded = false
  /** The feed's change that the newest page was asked for at. */
  #listed = 0
  #next: Cursor | null = null
  #loading: Promise<void> | undefined
  /** The newest page is wanted once more, after the one that is on its way. */
  #again = false
  /** How many are unread, by the last badge. */
  #unread = 0
  /** How many of them are further down than what was loaded. */
  #beyond = 0

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
    if (this.#next) await this.#page(this.#next)
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
      if (entry?.readAt === null) this.#entries.set(id, { ...entry, readAt })
    }
    this.#publish()
  }

  /** A new entry. */
  apply({ created_at, ...wire }: WireNotification): void {
    if (!this.#entries.has(wire.id))
      this.#entries.set(wire.id, { ...wire, createdAt: created_at, readAt: null, archivedAt: null })
    this.#publish()
  }

  /** The badge says how many are unread. Where the list says otherwise (read on another device) it is loaded anew. */
  agreeWith(unread: number): void {
    this.#unread = unread
    // The page that is on its way may be from before: it is held against the badge when it is there.
    if (this.#loading === undefined && this.#disagrees) this.refresh()
  }

  /** Registers rose, on whatever device: each stays as far as it came. */
  agreeOn(told: FeedNews): void {
    const state = { ...this.#list.get().state } as Record<string, number>
    for (const [name, value] of Object.entries(told)) state[name] = Math.max(state[name] ?? 0, value ?? 0)
    this.#list.set({ ...this.#list.get(), state: state as FeedState })
    if (this.#loading === undefined && this.#isOutdated) this.refresh()
  }

  /** Something may have been missed. */
  refresh(): void {
    if (this.#isLoaded) this.load().catch(this.#options.onError)
  }

  /** @returns when nothing is known of that the list lacks. */
  #page(cursor: Cursor | undefined): Promise<void> {
    if (this.#loading === undefined) {
      this.#loading = this.#pages(cursor).finally(() => {
        this.#loading = undefined
        this.#publish()
      })
    } else if (cursor === undefined) this.#again = true
    this.#publish()
    return this.#loading
  }

  async #pages(first: Cursor | undefined): Promise<void> {
    let cursor = first
    let unread: number
    do {
      this.#again = false
      unread = this.#unread
      try {
        await this.#fetch(cursor)
      } catch (error) {
        if (!this.#again) throw error
      }
      this.#publish()
      cursor = undefined
    } while (this.#again || (unread !== this.#unread && this.#disagrees) || this.#isOutdated)
  }

  async #fetch(cursor: Cursor | undefined): Promise<void> {
    const query = { limit: PAGE, cursor }
    const asked = this.#list.get().state.change
    const unread = this.#unread
    const before = new Set(cursor === undefined ? this.#entries.keys() : [])
    const { items, next, state } = await this.#options.http.call('GET /v1/notifications', { query })
    const known = new Map(this.#entries)
    const owed = cursor === undefined ? unread : this.#shown + this.#beyond
    // The newest page anew: what was there when it was asked for and is not on it is gone, or loaded again when somebody
    // goes there. Entries that came meanwhile are not on it.
    for (const id of before) this.#entries.delete(id)
    for (const entry of items) {
      this.#entries.set(entry.id, { ...entry, readAt: known.get(entry.id)?.readAt ?? entry.readAt })
    }
    this.#isLoaded = true
    this.#next = next
    this.#beyond = next ? Math.max(0, owed - this.#shown) : 0
    if (cursor === undefined) this.#listed = Math.max(asked, state.change)
    this.agreeOn(state)
  }

  /** How many unread entries are loaded. */
  get #shown(): number {
    return [...this.#entries.values()].filter(({ readAt }) => !readAt).length
  }

  get #disagrees(): boolean {
    return this.#isLoaded && this.#shown + this.#beyond !== this.#unread
  }

  /** Something was archived, or brought back, since the list was asked for. */
  get #isOutdated(): boolean {
    return this.#isLoaded && this.#listed < this.#list.get().state.change
  }

  #publish(): void {
    const items = [...this.#entries.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    const hasMore = !this.#isLoaded || this.#next !== null
    this.#list.set({ ...this.#list.get(), items, loading: this.#loading !== undefined, hasMore })
  }
}
