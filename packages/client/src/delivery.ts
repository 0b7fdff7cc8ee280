import type { ClientId, RequestError, RoomId, UserId, WireMessage } from '@tally/protocol'
import { newClientId } from './client-id.ts'
import type { KeyValueStorage } from './key-value-storage.ts'
import { Outbox } from './outbox.ts'
import { formatPending, type PendingMessage, parsePending, type Waiting } from './pending-message.ts'
import type { ProviderFactory } from './provider.ts'
import { SendQueue } from './send-queue.ts'
import { SharedProvider } from './shared-provider.ts'
import type { TabPlatform } from './tab-platform.ts'
import { type OutboxMessage, Tabs } from './tabs.ts'

export type DeliveryOptions = {
  /** Where the server is; absent: where the page came from. */
  url: string | undefined
  storage: KeyValueStorage
  /** How tabs find each other; absent: this client has no others. */
  tabs: TabPlatform | undefined
  nowMs: () => number
  wallClock: () => Date
  random: () => number
  /** Whether this tab is in view. */
  isVisible: () => boolean
  /** Resolves with the message as it is stored, known here by then. @throws RequestError */
  deliver: (message: PendingMessage) => Promise<WireMessage>
  isLive: () => boolean
  /** What waits in the room changed. */
  onChange: (roomId: RoomId) => void
  /** Another tab had a message stored. */
  onStored: (message: WireMessage) => void
  onUnauthorized: (error: RequestError) => void
  /** There may be a connection now. */
  onWake: () => void
}

/** What waits to be sent, kept on the device and shared by all tabs of a person, of which one delivers. */
export class Delivery {
  readonly queue: SendQueue
  readonly #options: DeliveryOptions
  readonly #outbox: Outbox
  readonly #tabs: Tabs | undefined
  /** What was taken back here while another tab delivered, until it is to be sent again. Who led then may have been gone. */
  readonly #takenBack = new Map<ClientId, Waiting>()
  /** In whose name the connection speaks. */
  #sender: UserId | undefined

  constructor(options: DeliveryOptions) {
    const { url: server = '', storage, tabs: platform } = options
    this.#options = options
    this.#outbox = new Outbox({
      storage,
      server,
      queue: () => this.queue,
      onLoaded: () => this.queue.resume(),
      others: {
        put: (message) => {
          this.#takenBack.delete(message.clientId)
          this.#tabs?.post({ kind: 'outbox-put', kept: formatPending(message) })
        },
        remove: ({ roomId, clientId }) =>
          this.#tabs?.post({ kind: 'outbox-removed', message: { roomId, clientId } }),
      },
    })
    this.queue = new SendQueue({
      ...options,
      deliver: (message) => this.#deliver(message),
      canDeliver: () => options.isLive() && this.#isReady && this.#tabs?.leads !== false,
      journal: this.#outbox,
      newClientId: () => newClientId(options),
    })
    if (platform !== undefined) this.#tabs = this.#makeTabs(platform, server)
  }

  /** Connections that tabs have in common, where there are tabs. */
  share(make: ProviderFactory): ProviderFactory {
    const tabs = this.#tabs
    if (tabs === undefined) return make
    const { nowMs, isVisible } = this.#options
    return (listener, transport) => new SharedProvider({ tabs, make, listener, transport, isVisible, nowMs })
  }

  /** This is who writes here, as the token says. */
  identify(userId: UserId): void {
    this.#tabs?.enter(userId)
    this.#outbox.belongTo(userId)
  }

  /** And as the server says, who may know it of tokens that this client cannot read. */
  authenticated(userId: UserId): void {
    this.#sender = userId
    this.#outbox.belongTo(userId)
    this.queue.resume()
  }

  /** Takes back what was not stored. Whether it is on its way knows the tab that delivers. */
  discard(message: Waiting): void {
    if (this.#tabs?.leads === false) {
      this.#takenBack.set(message.clientId, message)
      this.#tabs.post({ kind: 'outbox-discard', message })
    } else this.queue.discard(message)
  }

  /** Somebody looks: no tab has a reason to wait any longer. */
  wake(): void {
    this.#tabs?.post({ kind: 'wake' })
    this.#options.onWake()
  }

  /** The other tabs go on without this one. */
  leave(): void {
    this.#tabs?.leave()
  }

  /** Resolves when everything that waits is kept. */
  written(): Promise<void> {
    return this.#outbox.written()
  }

  /** What was kept is known, and is of whoever the connection is of. */
  get #isReady(): boolean {
    return this.#outbox.isLoaded && this.#outbox.owner === this.#sender
  }

  #makeTabs(platform: TabPlatform, server: string): Tabs {
    const { onWake } = this.#options
    return new Tabs({
      platform,
      server,
      newTabId: () => newClientId(this.#options),
      onChange: () => {
        this.#takeBackAgain()
        this.#tabs?.post({ kind: 'outbox-asked' })
        onWake()
        this.queue.resume()
      },
      onWake,
      onOutbox: (message) => this.#hear(message),
    })
  }

  #takeBackAgain(): void {
    for (const message of this.#takenBack.values()) this.discard(message)
  }

  async #deliver(message: PendingMessage): Promise<void> {
    const stored = await this.#options.deliver(message)
    // Before it is told that it waits no more: it is never nowhere on anybody's screen.
    this.#tabs?.post({ kind: 'stored', message: stored })
  }

  #hear(message: OutboxMessage): void {
    switch (message.kind) {
      case 'outbox-asked':
        for (const pending of this.queue.all())
          this.#tabs?.post({ kind: 'outbox-put', kept: formatPending(pending) })
        this.#takeBackAgain()
        return
      case 'outbox-put': {
        const pending = parsePending(message.kept)
        if (pending === undefined) return
        // It was on its way: nothing was taken back.
        if (pending.state === 'failed') this.#takenBack.delete(pending.clientId)
        this.queue.accept(pending)
        return
      }
      case 'outbox-removed':
        this.queue.forget(message.message)
        return
      case 'outbox-discard':
        if (this.#tabs?.leads === true) this.queue.discard(message.message)
        return
      case 'stored':
        this.#options.onStored(message.message)
        return
      default:
        message satisfies never
    }
  }
}
