import { RequestError, type UserId, type WireUser } from '@tally/protocol'
import type { Transport } from './provider.ts'
import { TabCalls } from './tab-calls.ts'
import { TabGroup } from './tab-group.ts'
import { TabHub } from './tab-hub.ts'
import type { TabCall, TabId, TabLinkName, TabMessage } from './tab-messages.ts'
import type { TabPlatform } from './tab-platform.ts'

/** Messages about what waits to be sent. */
export type OutboxMessage = Extract<
  TabMessage,
  { kind: 'outbox-asked' | 'outbox-put' | 'outbox-removed' | 'outbox-discard' | 'stored' }
>

/** What comes over a connection that another tab holds. */
export type SharedNews = Extract<TabMessage, { kind: 'frame' | 'news' | 'down' }>

export type TabsOptions = {
  platform: TabPlatform
  /** Tabs that talk to one server as one person belong together. */
  server: string
  newTabId: () => TabId
  /** This tab leads from now on, or another one in its place. */
  onChange: () => void
  /** Another tab has a connection to take part in, or is looked at again. */
  onWake: () => void
  onOutbox: (message: OutboxMessage) => void
}

/** How this tab is linked to the connection, whichever tab holds it. */
export interface TabLink {
  readonly transport: Transport
  connect(token: string): Promise<WireUser>
  /** @throws RequestError */
  ask(call: TabCall): Promise<unknown>
  /** It is worth nothing any more. */
  lost(error: RequestError): void
  /** Another tab says this of its connection. */
  hear?(news: SharedNews): void
  close(): void
}

/** Of a tab that shares with nobody. */
const NOBODY = { tabId: '', post: () => {}, watch: () => {} }

const VERSION = 2

/** This tab among those of the same person. Before it is known who that is, a tab is alone. */
export class Tabs {
  readonly #options: TabsOptions
  readonly #calls: TabCalls
  readonly #links = new Set<TabLink>()
  #linked = 0
  /** A new one with each group: that the tab went must not be taken for its going after it came back. */
  #tabId: TabId
  #group: TabGroup | undefined
  #joined: Promise<void> = Promise.resolve()
  /** When the locks of the groups before are free again. */
  #left: Promise<void> = Promise.resolve()
  #hub: TabHub | undefined

  constructor(options: TabsOptions) {
    this.#options = options
    this.#tabId = options.newTabId()
    this.#calls = new TabCalls({
      tabId: () => this.#tabId,
      post: (message) => this.post(message),
      onSilence: () => this.#group?.takeOver(),
    })
  }

  get tabId(): TabId {
    return this.#tabId
  }

  /** Whether what waits is this tab's to send. */
  get leads(): boolean {
    return this.#group === undefined || this.#hub !== undefined
  }

  /** It is known who this is. */
  enter(userId: UserId): void {
    const { platform, server, newTabId } = this.#options
    const name = `tally/${VERSION}/${server}/${userId}`
    if (this.#group?.name === name) return
    this.leave()
    this.#tabId = newTabId()
    const group: TabGroup = new TabGroup({
      platform,
      name,
      tabId: this.#tabId,
      onLead: () => this.#changeTo(new TabHub(group)),
      onFollow: () => this.#changeTo(undefined),
      onMessage: (message) => this.#hear(message),
    })
    this.#group = group
    // What this tab itself held a moment ago must not look like another tab.
    this.#joined = this.#left.then(() => group.join())
  }

  /** The others go on without this tab. */
  leave(): void {
    const group = this.#group
    if (group === undefined) return
    this.post({ kind: 'bye', from: this.#tabId })
    this.#hub?.end(leadChanged())
    this.#hub = undefined
    this.#group = undefined
    const before = this.#left
    this.#left = group.leave().then(() => before)
    this.#calls.giveUp(new RequestError('unavailable'))
  }

  /** Resolves, when it is known who leads, with the hub where that is this tab, or where there are no others. */
  async hub(): Promise<TabHub | undefined> {
    if (this.#group === undefined) return new TabHub(NOBODY)
    await this.#joined
    return this.#hub
  }

  /** Tells the others. */
  post(message: TabMessage): void {
    this.#group?.post(message)
  }

  /** Asks the tab that leads. @throws RequestError */
  call(call: TabCall, link: TabLinkName): Promise<unknown> {
    return this.#calls.call(call, link)
  }

  /** Names a link of this tab to another one's connection. */
  nextLink(): number {
    return ++this.#linked
  }

  /** @returns what ends it. */
  connect(link: TabLink): () => void {
    this.#links.add(link)
    return () => this.#links.delete(link)
  }

  #changeTo(hub: TabHub | undefined): void {
    const error = leadChanged()
    this.#hub?.end(error)
    this.#hub = hub
    this.#calls.giveUp(error)
    for (const link of [...this.#links]) link.lost(error)
    this.#options.onChange()
  }

  #hear(message: TabMessage): void {
    switch (message.kind) {
      case 'call':
      case 'bye':
        this.#hub?.hear(message)
        return
      case 'heard':
        if (message.to === this.#tabId) this.#calls.heard(message.id)
        return
      case 'answer':
      case 'refusal':
        if (message.to === this.#tabId) this.#calls.answer(message)
        return
      case 'frame':
      case 'news':
      case 'down':
        for (const link of [...this.#links]) link.hear?.(message)
        return
      case 'wake':
        this.#options.onWake()
        return
      default:
        this.#options.onOutbox(message)
    }
  }
}

/** Says nothing about the transport: the wait is over as soon as it is known who leads. */
export function leadChanged(): RequestError {
  return new RequestError('unavailable', { retryAfterMs: 0 })
}
