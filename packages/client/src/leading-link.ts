import type { RequestError, WireUser } from '@tally/protocol'
import { faultFrom } from './connection-fault.ts'
import type { ProviderFactory, ProviderListener, RealtimeProvider, Transport } from './provider.ts'
import type { TabHub } from './tab-hub.ts'
import type { TabCall, TabFrame } from './tab-messages.ts'
import { leadChanged, type TabLink, type Tabs } from './tabs.ts'

export type LeadingLinkOptions = {
  tabs: Tabs
  hub: TabHub
  make: ProviderFactory
  listener: ProviderListener
  transport: Transport
}

/** To a connection of this tab's own, in which the others take part. */
export class LeadingLink implements TabLink {
  readonly #options: LeadingLinkOptions
  readonly #own: RealtimeProvider
  readonly #forget: () => void

  constructor(options: LeadingLinkOptions) {
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
}
