import { RequestError, requestErrorFrom, type WireUser } from '@tally/protocol'
import type { ProviderListener, Transport } from './provider.ts'
import type { TabCall, TabWelcome } from './tab-messages.ts'
import type { SharedNews, TabLink, Tabs } from './tabs.ts'
import { timed } from './timed.ts'

export type FollowingLinkOptions = {
  tabs: Tabs
  listener: ProviderListener
  /** That of a connection which nothing is known of yet. */
  transport: Transport
  /** Whether this tab is in view. */
  isVisible: () => boolean
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** To a connection that another tab holds. */
export class FollowingLink implements TabLink {
  readonly #options: FollowingLinkOptions
  readonly #forget: () => void
  readonly #number: number
  #welcome: TabWelcome | undefined

  constructor(options: FollowingLinkOptions) {
    this.#options = options
    this.#number = options.tabs.nextLink()
    this.#forget = options.tabs.connect(this)
  }

  get transport(): Transport {
    return this.#welcome?.transport ?? this.#options.transport
  }

  /** Whether this tab's own token is as good as the other's shows when the other's has to be renewed. */
  async connect(): Promise<WireUser> {
    const { tabs, isVisible } = this.#options
    const visible = isVisible()
    const hello: TabCall = { method: 'hello', visible }
    this.#welcome = (await tabs.call(hello, { number: this.#number })) as TabWelcome
    // The welcome may have waited for a connection, and somebody looked here meanwhile.
    if (isVisible() !== visible)
      await this.ask({ method: 'send', event: 'visibility', payload: { visible: !visible } })
    return this.#welcome.user
  }

  async ask(call: TabCall): Promise<unknown> {
    const connection = this.#welcome?.connection
    if (connection === undefined) throw new RequestError('unavailable')
    const ask = () => this.#options.tabs.call(call, { number: this.#number, connection })
    return call.method === 'send' && call.event === 'sync' ? ask() : timed(this.#options, ask)
  }

  close(): void {
    this.#forget()
    const { tabs } = this.#options
    tabs.post({ kind: 'bye', from: tabs.tabId, link: this.#number })
  }

  lost(error: RequestError): void {
    this.#options.listener.onLost(error)
  }

  hear(news: SharedNews): void {
    if (news.connection !== this.#welcome?.connection) return
    const { listener } = this.#options
    if (news.kind === 'frame') listener.onEvent(news.frame.event, news.frame.payload)
    else if (news.kind === 'news') listener.onNews(news.news, news.activeUsers)
    else this.lost(requestErrorFrom(news.error))
  }
}
