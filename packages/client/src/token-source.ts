import { RequestError } from '@tally/protocol'
import { Timer } from './timer.ts'

/** How long the host may take to get a token. */
const TIMEOUT_MS = 30_000

/** What proves who the person is: a token, or a function that gets one. */
export type TokenOption = string | (() => Promise<string>)

/**
 * The token in use. It is kept until the server refuses it: thousands of clients that lost the same server would
 * otherwise all ask the host for a token at once when they come back.
 */
export class TokenSource {
  readonly #option: TokenOption
  readonly #onToken: (token: string) => void
  #token: string | undefined
  #fetching: Promise<string> | undefined

  /** @param onToken told of each token before it is used. */
  constructor(option: TokenOption, onToken: (token: string) => void = () => {}) {
    this.#option = option
    this.#onToken = onToken
  }

  /** The one in use, or that will be. */
  get current(): string | undefined {
    return typeof this.#option === 'string' ? this.#option : this.#token
  }

  /** @param fresh the one in use was refused; a token that is given as a string stays what it is. */
  async get({ fresh }: { fresh: boolean }): Promise<string> {
    const option = this.#option
    if (!fresh && this.#token !== undefined) return this.#token
    if (typeof option === 'string') return this.#use(option)
    if (this.#fetching === undefined) {
      const fetching: Promise<string> = within(option).finally(() => {
        if (this.#fetching === fetching) this.#fetching = undefined
      })
      this.#fetching = fetching
    }
    return this.#use(await this.#fetching)
  }

  /** Whoever comes next may be somebody else. */
  forget(): void {
    this.#token = undefined
    this.#fetching = undefined
  }

  #use(token: string): string {
    this.#token = token
    this.#onToken(token)
    return token
  }
}

function within(option: () => Promise<string>): Promise<string> {
  const asked = option()
  const timer = new Timer()
  const late = new Promise<never>((_, reject) =>
    timer.set(TIMEOUT_MS, () => reject(new RequestError('timeout'))),
  )
  return Promise.race([asked, late]).finally(() => timer.clear())
}
