import {
  type ClientEventInput,
  type ClientEventResult,
  RequestError,
  type RoomId,
  type WireUser,
} from '@tally/protocol'
import { FollowingProvider } from './following-provider.ts'
import { LeadingProvider } from './leading-provider.ts'
import type {
  ProviderFactory,
  ProviderListener,
  RealtimeEvent,
  RealtimeProvider,
  Subscription,
  Transport,
} from './provider.ts'
import type { Tabs } from './tabs.ts'

export type SharedProviderOptions = {
  tabs: Tabs
  /** Makes a connection of this tab's own. */
  make: ProviderFactory
  listener: ProviderListener
  transport: Transport
  /** Monotonic milliseconds. */
  nowMs: () => number
}

/** The connection that all tabs of a person have together: held by this tab, or by another one. */
export class SharedProvider implements RealtimeProvider {
  readonly #options: SharedProviderOptions
  #inner: RealtimeProvider | undefined
  #isClosed = false

  constructor(options: SharedProviderOptions) {
    this.#options = options
  }

  get transport(): Transport {
    return this.#inner?.transport ?? this.#options.transport
  }

  async connect(token: string): Promise<WireUser> {
    const { tabs, make, listener, transport } = this.#options
    const role = await tabs.role()
    if (this.#isClosed) throw new RequestError('unavailable')
    if (role === 'alone') this.#inner = make(listener, transport)
    else if (role === 'follower') this.#inner = new FollowingProvider(this.#options)
    else this.#inner = new LeadingProvider({ ...this.#options, hub: role })
    return this.#inner.connect(token)
  }

  authenticate(token: string): Promise<WireUser> {
    return this.#get().authenticate(token)
  }

  subscribe(roomId: RoomId): Promise<Subscription> {
    return this.#get().subscribe(roomId)
  }

  unsubscribe(roomId: RoomId): Promise<void> {
    return this.#get().unsubscribe(roomId)
  }

  send<E extends RealtimeEvent>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    return this.#get().send(event, payload)
  }

  close(): void {
    this.#isClosed = true
    this.#inner?.close()
  }

  #get(): RealtimeProvider {
    if (this.#inner === undefined) throw new RequestError('unavailable')
    return this.#inner
  }
}
