/** What proves who the person is: a token, or a function that gets one. */
export type TokenOption = string | (() => Promise<string>)

/**
 * The token in use. It is kept until the server refuses it: thousands of clients that lost the same server would
 * otherwise all ask the host for a token at once when they come back.
 */
export class TokenSource {
  readonly #option: TokenOption
  #token: string | undefined
  #fetching: Promise<string> | undefined

  constructor(option: TokenOption) {
    this.#option = option
  }

  /** @param fresh the one in use was refused; a token that is given as a string stays what it is. */
  async get({ fresh }: { fresh: boolean }): Promise<string> {
    const option = this.#option
    if (typeof option === 'string') return option
    if (!fresh && this.#token !== undefined) return this.#token
    this.#fetching ??= option().finally(() => {
      this.#fetching = undefined
    })
    this.#token = await this.#fetching
    return this.#token
  }
}
