import type { TabId, TabMessage } from './tab-messages.ts'
import type { TabChannel, TabPlatform } from './tab-platform.ts'

export type TabGroupOptions = {
  platform: TabPlatform
  /** Tabs of one name are one group. */
  name: string
  tabId: TabId
  /** This tab leads from now on. */
  onLead: () => void
  /** Another tab took over. */
  onFollow: () => void
  onMessage: (message: TabMessage) => void
}

/**
 * The tabs that one person has open: one of them leads, and when it is gone another does. Who leads is decided by a lock
 * of the browser, which it gives back whatever happens to the tab.
 */
export class TabGroup {
  readonly name: string
  readonly tabId: TabId
  readonly #options: TabGroupOptions
  readonly #channel: TabChannel
  readonly #left = new AbortController()
  /** Locks that are asked for or held. */
  readonly #locks = new Set<Promise<unknown>>()
  #leads = false

  constructor(options: TabGroupOptions) {
    const { platform, name, tabId, onMessage } = options
    this.#options = options
    this.name = name
    this.tabId = tabId
    this.#channel = platform.channel(name)
    this.#channel.onmessage = ({ data }) => {
      if (!this.#left.signal.aborted) onMessage(data as TabMessage)
    }
  }

  /** Takes its place among the tabs. @returns when it is known who leads. */
  async join(): Promise<void> {
    if (this.#left.signal.aborted) return
    this.#hold(memberLock(this.name, this.tabId), {}, () => {})
    await new Promise<void>((resolve) => {
      const lead = (): void => {
        this.#lead()
        resolve()
      }
      const follow = (): void => {
        resolve()
        this.#waitToLead()
      }
      this.#hold(this.name, { ifAvailable: true }, lead, follow)
    })
  }

  post(message: TabMessage): void {
    if (!this.#left.signal.aborted) this.#channel.postMessage(message)
  }

  /** The tab that leads does not answer: a phone may have put it to sleep. */
  takeOver(): void {
    if (this.#leads || this.#left.signal.aborted) return
    this.#hold(this.name, { steal: true }, () => this.#lead())
  }

  /** Calls back when the other tab is gone, however that came about; until `signal` ends the waiting. */
  watch(tabId: TabId, onGone: () => void, signal: AbortSignal): void {
    const { locks } = this.#options.platform
    locks.request(memberLock(this.name, tabId), { signal }, async () => onGone()).catch(throwUnlessAborted)
  }

  /** @returns when its locks are free again: whoever asks for one before that is told that another tab leads. */
  async leave(): Promise<void> {
    this.#leads = false
    this.#left.abort()
    this.#channel.close()
    await Promise.all(this.#locks)
  }

  /** Leads as soon as nobody else does. */
  #waitToLead(): void {
    this.#hold(this.name, { signal: this.#left.signal }, () => this.#lead())
  }

  /** Holds a lock until this tab leaves. */
  #hold(
    name: string,
    how: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal },
    onHeld: () => void,
    onTaken: () => void = () => {},
  ): void {
    let isHeld = false
    const whileHeld = (lock: unknown): Promise<void> => {
      if (lock === null) {
        onTaken()
        return Promise.resolve()
      }
      if (this.#left.signal.aborted) return Promise.resolve()
      isHeld = true
      onHeld()
      return new Promise((resolve) => this.#left.signal.addEventListener('abort', () => resolve()))
    }
    const lock = this.#options.platform.locks
      .request(name, how, whileHeld)
      .catch((error: unknown) => {
        throwUnlessAborted(error)
        if (isHeld) this.#stolen()
      })
      .finally(() => this.#locks.delete(lock))
    this.#locks.add(lock)
  }

  #lead(): void {
    if (this.#leads) return
    this.#leads = true
    this.#options.onLead()
  }

  #stolen(): void {
    if (!this.#leads) return
    this.#leads = false
    this.#options.onFollow()
    this.#waitToLead()
  }
}

const memberLock = (name: string, tabId: TabId): string => `${name}/tab/${tabId}`

/** A lock that was taken away, or waiting that was given up; everything else is a bug. */
function throwUnlessAborted(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
}
