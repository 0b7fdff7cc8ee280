import type { RequestError, WireUser } from '@tally/protocol'
import { faultFrom } from './connection-fault.ts'
import type { ProviderFactory, ProviderListener, RealtimeProvider, Transport } from './provider.ts'
import type { TabHub } from './tab-hub.ts'
import type { TabCall, TabFrame } from './tab-messages.ts'
import { leadChanged, type TabPart, type Tabs } from './tabs.ts'

export type LeadingPartOptions = {
  tabs: Tabs
  hub: TabHub
  make: ProviderFactory
  listener: ProviderListener
  transport: Transport
}

/** A connection of this tab's own, in which the other tabs take part. */
export class LeadingPart implements TabPart {
  readonly #options: LeadingPartOptions
  readonly #own: RealtimeProvider
  readonly #forget: () => void

  constructor(options: LeadingPartOptions) {
    const { tabs, hub, make, listener, transport } = options
    this.#options = options
    this.#forget = tabs.connect(this)
    this.#own = make(
      {
        ...listener,
        onEvent: (event, payload) => {
          listener.onEvent(event, payload)
          hub.share(this.#own, { kind: 'frame', frame: { event, payload } as TabFrame })
        },
        onNews: (news, activeUsers) => {
          listener.onNews(news, activeUsers)
          hub.share(this.#own, { kind: 'news', news, activeUsers })
        },
        onLost: (error) => this.lost(error),
      },
      transport,
    )
  }

  get transport(): Transport {
    return this.#own.transport
  }

  async connect(token: string): Promise<WireUser> {
    const { hub } = this.#options
    try {
      const user = await this.#own.connect(token)
      hub.attach(this.#own, user)
      return user
    } catch (error) {
      hub.detach(this.#own, faultFrom(error))
      throw error
    }
  }

  ask(call: TabCall): Promise<unknown> {
    return this.#options.hub.ask(call)
  }

  close(): void {
    this.#forget()
    this.#own.close()
    // Ended on purpose: nothing stands between.
    this.#options.hub.detach(this.#own, leadChanged())
  }

  lost(error: RequestError): void {
    this.#options.hub.detach(this.#own, error)
    this.#options.listener.onLost(error)
  }

  /** What another tab says of its connection is of before this one led. */
  hear(): void {}
}
