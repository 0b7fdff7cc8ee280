import {
  type ClientEventInput,
  type ClientEventResult,
  RequestError,
  type RoomId,
  type WireUser,
} from '@tally/protocol'
import { FollowingLink } from './following-link.ts'
import { LeadingLink } from './leading-link.ts'
import type {
  ProviderFactory,
  ProviderListener,
  RealtimeEvent,
  RealtimeProvider,
  Subscription,
  Transport,
} from './provider.ts'
import type { TabCall } from './tab-messages.ts'
import type { TabLink, Tabs } from './tabs.ts'

export type SharedProviderOptions = {
  tabs: Tabs
  /** Makes a connection of this tab's own. */
  make: ProviderFactory
  listener: ProviderListener
  transport: Transport
  /** Whether this tab is in view. */
  isVisible: () => boolean
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** The connection that all tabs of a person have together: held by this tab, or by another one. */
export class SharedProvider implements RealtimeProvider {
  readonly #options: SharedProviderOptions
  #link: TabLink | undefined
  #isClosed = false

  constructor(options: SharedProviderOptions) {
    this.#options = options
  }

  get transport(): Transport {
    return this.#link?.transport ?? this.#options.transport
  }

  async connect(token: string): Promise<WireUser> {
    const hub = await this.#options.tabs.hub()
    if (this.#isClosed) throw new RequestError('unavailable')
    this.#link =
      hub === undefined ? new FollowingLink(this.#options) : new LeadingLink({ ...this.#options, hub })
    return this.#link.connect(token)
  }

  authenticate(token: string): Promise<WireUser> {
    return this.#ask({ method: 'authenticate', token })
  }

  subscribe(roomId: RoomId): Promise<Subscription> {
    return this.#ask({ method: 'subscribe', roomId })
  }

  unsubscribe(roomId: RoomId): Promise<void> {
    return this.#ask({ method: 'unsubscribe', roomId })
  }

  send<E extends RealtimeEvent>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    return this.#ask({ method: 'send', event, payload })
  }

  close(): void {
    this.#isClosed = true
    this.#link?.close()
  }

  /** The answer's type is the question's: tabs of one version talk to each other. */
  async #ask<T>(call: TabCall): Promise<T> {
    if (this.#link === undefined) throw new RequestError('unavailable')
    return (await this.#link.ask(call)) as T
  }
}
