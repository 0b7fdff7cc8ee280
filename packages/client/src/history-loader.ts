import { CLIENT_LIMITS, type RoomId, type Seq } from '@tally/protocol'
import type { HttpApi } from './http-api.ts'
import type { MessageLog } from './message-log.ts'
import type { PageQuery } from './page-coverage.ts'
import { afterPause } from './retry-later.ts'

/** One screen and a bit; the next page is loaded before its end is reached. */
const PAGE = 50
/** Read messages shown above the first unread one. */
const CONTEXT = 20

export type HistoryLoaderOptions = {
  http: HttpApi
  roomId: RoomId
  log: MessageLog
  onChange: () => void
}

/** Brings pages of a room's history into its log, each page once at a time. */
export class HistoryLoader {
  readonly #options: HistoryLoaderOptions
  readonly #underWay = new Map<string, Promise<void>>()
  /** Somebody wrote and is to see it, more than what is unread. Once it was tried, they may have read on. */
  wantsEnd = false

  constructor(options: HistoryLoaderOptions) {
    this.#options = options
  }

  get isLoading(): boolean {
    return this.#underWay.size > 0
  }

  /** What a person sees who opens the room: its end, or the first unread message when that lies further up. */
  loadInitial({ readSeq, headSeq }: { readSeq: Seq; headSeq: Seq }): Promise<void> {
    return this.#once('initial', async () => {
      const wanted = Math.max(PAGE, headSeq - readSeq + CONTEXT)
      const most = CLIENT_LIMITS.pageMax
      if (wanted <= most || this.wantsEnd) await this.#page({ newest: true }, Math.min(wanted, most))
      else await this.#around(readSeq)
      if (this.wantsEnd) await this.loadNewest()
    })
  }

  async loadBefore(): Promise<void> {
    const { shown } = this.#options.log
    if (shown === undefined || shown.from <= 0) return
    await this.#once(`before ${shown.from}`, () =>
      this.#page({ before: shown.from as Seq }, PAGE, 'newest').catch(afterPause),
    )
  }

  async loadAfter(): Promise<void> {
    const { shown } = this.#options.log
    if (shown === undefined || !this.#options.log.window().hasAfter) return
    await this.#once(`after ${shown.to}`, () =>
      this.#page({ after: shown.to as Seq }, PAGE, 'oldest').catch(afterPause),
    )
  }

  /** Shows the part of the history around a place. */
  async loadAround(seq: Seq): Promise<void> {
    const { log, onChange } = this.#options
    this.wantsEnd = false
    if (!log.showAround(seq)) await this.#once(`around ${seq}`, () => this.#around(seq))
    onChange()
  }

  /** Shows the end of the history. */
  async loadNewest(): Promise<void> {
    const { log, onChange } = this.#options
    this.wantsEnd = true
    try {
      if (log.showNewest()) return
      await this.#once('newest', () => this.#page({ newest: true }, PAGE))
      // Unless they went elsewhere meanwhile.
      if (this.wantsEnd) log.showLast()
    } finally {
      this.wantsEnd = false
      onChange()
    }
  }

  async #around(seq: Seq): Promise<void> {
    const { log } = this.#options
    const { era } = log
    await this.#page({ before: (seq + 1) as Seq }, PAGE / 2)
    // Now, because what is not on show may be forgotten.
    log.showAround(seq)
    if (log.era === era) await this.#page({ after: seq }, PAGE / 2)
  }

  /** @param forget the end at which messages go when there are too many. */
  async #page(query: PageQuery, limit: number, forget?: 'oldest' | 'newest'): Promise<void> {
    const { http, roomId, log, onChange } = this.#options
    const { era } = log
    const where = 'newest' in query ? {} : query
    const page = await http.call('GET /v1/rooms/:roomId/messages', {
      params: { roomId },
      query: { ...where, limit },
    })
    if (log.era !== era) return
    log.applyPage(page, query)
    if (forget !== undefined) log.bound(forget)
    onChange()
  }

  #once(name: string, load: () => Promise<void>): Promise<void> {
    const key = `${name} ${this.#options.log.era}`
    const known = this.#underWay.get(key)
    if (known !== undefined) return known
    const loading = load().finally(() => {
      this.#underWay.delete(key)
      this.#options.onChange()
    })
    this.#underWay.set(key, loading)
    this.#options.onChange()
    return loading
  }
}
