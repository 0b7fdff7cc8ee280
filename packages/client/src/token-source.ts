import { RequestError } from '@tally/protocol'
import { within } from './within.ts'

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
  #era = 0

  /** @param onToken told of each token before it is used. */
  constructor(option: TokenOption, onToken: (token: string) => void = () => {}) {
    this.#option = option
    this.#onToken = onToken
  }

  /** The one in use, or that will be. */
  get current(): string | undefined {
    return typeof this.#option === 'string' ? this.#option : this.#token
  }

  /** Rises with each `forget`: what was asked before it was asked by somebody else, perhaps. */
  get era(): number {
    return this.#era
  }

  /**
   * @param fresh the one in use was refused; a token that is given as a string stays what it is.
   * @throws RequestError `unavailable` where it came after a `forget`; whatever the host's function throws.
   */
  async get({ fresh }: { fresh: boolean }): Promise<string> {
    if (!fresh && this.#token !== undefined) return this.#token
    const option = this.#option
    if (this.#fetching === undefined) {
      const era = this.#era
      this.#fetching = within(TIMEOUT_MS, typeof option === 'string' ? Promise.resolve(option) : option())
        .then((token) => {
          if (era !== this.#era) throw new RequestError('unavailable')
          this.#token = token
          this.#onToken(token)
          return token
        })
        .finally(() => {
          if (era === this.#era) this.#fetching = undefined
        })
    }
    return this.#fetching
  }

  /** Whoever comes next may be somebody else. */
  forget(): void {
    this.#era++
    this.#token = undefined
    this.#fetching = undefined
  }
}
