import {
  type ClientEventInput,
  type ClientEventResult,
  RequestError,
  type RoomId,
  type WireUser,
} from '@tally/protocol'
import type {
  ProviderListener,
  RealtimeEvent,
  RealtimeProvider,
  Subscription,
  Transport,
} from './provider.ts'
import type { TabCall, TabWelcome } from './tab-messages.ts'
import { reasonOf, type SharedNews, type TabConnection, type Tabs } from './tabs.ts'
import { timed } from './timed.ts'

export type FollowingProviderOptions = {
  tabs: Tabs
  listener: ProviderListener
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** The part that this tab takes in a connection which another tab holds. */
export class FollowingProvider implements RealtimeProvider, TabConnection {
  readonly #options: FollowingProviderOptions
  readonly #forget: () => void
  readonly #part: number
  #welcome: TabWelcome | undefined

  constructor(options: FollowingProviderOptions) {
    this.#options = options
    this.#part = options.tabs.nextPart()
    this.#forget = options.tabs.connect(this)
  }

  get transport(): Transport {
    return this.#welcome?.transport ?? 'websocket'
  }

  /** Whether this tab's own token is as good as the other's shows when the other's has to be renewed. */
  async connect(): Promise<WireUser> {
    // The answer's type is the message's; tabs of one version talk to each other.
    const { tabs } = this.#options
    const welcome = (await tabs.call({ method: 'hello' }, { number: this.#part })) as TabWelcome
    this.#welcome = welcome
    return welcome.user
  }

  authenticate(token: string): Promise<WireUser> {
    return this.#call<WireUser>({ method: 'authenticate', token })
  }

  subscribe(roomId: RoomId): Promise<Subscription> {
    return timed(this.#options, () => this.#call<Subscription>({ method: 'subscribe', roomId }))
  }

  unsubscribe(roomId: RoomId): Promise<void> {
    return timed(this.#options, () => this.#call<void>({ method: 'unsubscribe', roomId }))
  }

  send<E extends RealtimeEvent>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    const call = () => this.#call<ClientEventResult<E>>({ method: 'send', event, payload })
    return event === 'sync' ? call() : timed(this.#options, call)
  }

  close(): void {
    this.#forget()
    const { tabs } = this.#options
    tabs.post({ kind: 'bye', from: tabs.tabId, part: this.#part })
  }

  lost(error: RequestError): void {
    this.#options.listener.onLost(error)
  }

  hear(news: SharedNews): void {
    if (news.connection !== this.#welcome?.connection) return
    const { listener } = this.#options
    if (news.kind === 'frame') listener.onEvent(news.frame.event, news.frame.payload)
    else if (news.kind === 'news') listener.onNews(news.news, news.activeUsers)
    else this.lost(reasonOf(news))
  }

  #call<T>(call: TabCall): Promise<T> {
    const connection = this.#welcome?.connection
    if (connection === undefined) return Promise.reject(new RequestError('unavailable'))
    return this.#options.tabs.call(call, { number: this.#part, connection }) as Promise<T>
  }
}
