import { RequestError, requestErrorFrom } from '@tally/protocol'
import type { TabCall, TabId, TabMessage, TabPartName } from './tab-messages.ts'

/** A tab that is alive says that it heard a call at once, whatever the answer takes. */
const HEARD_WITHIN_MS = 2_000
/** Longer than the server may take with the other tab. */
const ANSWERED_WITHIN_MS = 30_000

type Waiting = {
  resolve: (result: unknown) => void
  reject: (error: RequestError) => void
  heard: ReturnType<typeof setTimeout>
  answered: ReturnType<typeof setTimeout>
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
  call(call: TabCall, part: TabPartName): Promise<unknown> {
    const { tabId, post, onSilence } = this.#options
    const id = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {
        resolve,
        reject,
        heard: setTimeout(onSilence, HEARD_WITHIN_MS),
        answered: setTimeout(() => this.#refuse(id, new RequestError('timeout')), ANSWERED_WITHIN_MS),
      })
      post({ kind: 'call', from: tabId(), id, part, call })
    })
  }

  heard(id: number): void {
    clearTimeout(this.#waiting.get(id)?.heard)
  }

  answer(message: Extract<TabMessage, { kind: 'answer' | 'refusal' }>): void {
    if (message.kind === 'refusal') this.#refuse(message.id, requestErrorFrom(message.error))
    else this.#end(message.id)?.resolve(message.result)
  }

  /** Nobody is there any more who could answer. */
  giveUp(error: RequestError): void {
    for (const id of [...this.#waiting.keys()]) this.#refuse(id, error)
  }

  #refuse(id: number, error: RequestError): void {
    this.#end(id)?.reject(error)
  }

  #end(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    clearTimeout(waiting?.heard)
    clearTimeout(waiting?.answered)
    return waiting
  }
}
