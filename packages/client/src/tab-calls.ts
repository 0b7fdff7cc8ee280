import { type RequestError, requestErrorFrom } from '@tally/protocol'
import type { TabCall, TabId, TabLinkName, TabMessage } from './tab-messages.ts'
import { Timer } from './timer.ts'
import { within } from './within.ts'

/** A tab that is alive says that it heard a call at once, whatever the answer takes. */
const HEARD_WITHIN_MS = 2_000
/** Longer than the server may take with the other tab. */
const ANSWERED_WITHIN_MS = 30_000

type Waiting = {
  resolve: (result: unknown) => void
  reject: (error: RequestError) => void
  readonly silence: Timer
}

export type TabCallsOptions = {
  tabId: () => TabId
  post: (message: TabMessage) => void
  /** The tab that leads did not hear a call. */
  onSilence: () => void
}

/** What this tab asks of the one that leads. */
export class TabCalls {
  readonly #options: TabCallsOptions
  readonly #waiting = new Map<number, Waiting>()
  #calls = 0

  constructor(options: TabCallsOptions) {
    this.#options = options
  }

  /** @throws RequestError: the server's refusal, or `unavailable` where nobody leads. */
  async call(call: TabCall, link: TabLinkName): Promise<unknown> {
    const { tabId, post, onSilence } = this.#options
    const id = ++this.#calls
    const silence = new Timer()
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, silence }))
    silence.set(HEARD_WITHIN_MS, onSilence)
    try {
      post({ kind: 'call', from: tabId(), id, link, call })
      return await within(ANSWERED_WITHIN_MS, answer)
    } finally {
      silence.clear()
      this.#waiting.delete(id)
    }
  }

  heard(id: number): void {
    this.#waiting.get(id)?.silence.clear()
  }

  answer(message: Extract<TabMessage, { kind: 'answer' | 'refusal' }>): void {
    const waiting = this.#waiting.get(message.id)
    if (message.kind === 'refusal') waiting?.reject(requestErrorFrom(message.error))
    else waiting?.resolve(message.result)
  }

  /** Nobody is there any more who could answer. */
  giveUp(error: RequestError): void {
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}
