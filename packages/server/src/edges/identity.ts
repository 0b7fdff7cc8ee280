import { createHash } from 'node:crypto'
import type { Identity as Claimed, User, UserId } from '@tally/protocol'
import { RequestError } from '@tally/protocol'
import type { ApiKeys } from './api-keys.ts'
import type { TokenVerifier, VerifiedToken } from './token-verifier.ts'

/** A person whose token was checked. */
export type AuthenticatedUser = {
  readonly userId: UserId
  readonly user: User
  readonly issuedAtMs: number
  /** When the token ends; an open socket has to notice. */
  readonly expiresAtMs: number
}

export type IdentityOptions = {
  verifier: TokenVerifier
  apiKeys: ApiKeys
  /** Makes an unknown person known and keeps the known ones up to date; refuses with `session_revoked`. */
  recognize: (claimed: Claimed, issuedAtMs: number) => Promise<User>
  now: () => number
}

/** How long a checked token is believed without asking the database again, should word of a revocation get lost. */
const RECHECK_AFTER_MS = 60_000
const MOST_REMEMBERED = 20_000

type Remembered = { readonly authenticated: AuthenticatedUser; readonly checkedAtMs: number }

/**
 * Who is speaking: people by token, the host's backend by key. One for both edges of a node. A token that was checked
 * is remembered by its hash until it expires, so that a poll costs neither cryptography nor a query.
 */
export class Identity {
  readonly #options: IdentityOptions
  /** Oldest use first. */
  readonly #remembered = new Map<string, Remembered>()
  #revocations = 0

  constructor(options: IdentityOptions) {
    this.#options = options
  }

  /**
   * @throws RequestError `unauthorized`, `token_expired`, `token_not_yet_valid`, `session_revoked`; `unavailable` or
   * `storage_unavailable` when it cannot be told.
   */
  async authenticate(token: string): Promise<AuthenticatedUser> {
    const hash = createHash('sha256').update(token).digest('base64')
    const known = this.#recall(hash)
    if (known !== undefined) return known
    const verified = await this.#options.verifier.verify(token)
    const authenticated = await this.#admit(verified)
    this.#remember(hash, { authenticated, checkedAtMs: this.#options.now() })
    return authenticated
  }

  /** @throws RequestError `api_key_required`. @returns the name of the key, for logs. */
  authenticateServer(key: string | undefined): string {
    const name = key === undefined ? undefined : this.#options.apiKeys.nameOf(key)
    if (name === undefined) throw new RequestError('api_key_required')
    return name
  }

  /** Sessions of this person were revoked or the account is gone: every token is checked anew at its next use. */
  forget(userId: UserId): void {
    this.#revocations++
    for (const [hash, { authenticated }] of this.#remembered) {
      if (authenticated.userId === userId) this.#remembered.delete(hash)
    }
  }

  async #admit({ identity, issuedAtMs, expiresAtMs }: VerifiedToken): Promise<AuthenticatedUser> {
    let revocations: number
    let user: User
    do {
      // A revocation that commits while the database answers may or may not be in the answer: ask again.
      revocations = this.#revocations
      user = await this.#options.recognize(identity, issuedAtMs)
    } while (revocations !== this.#revocations)
    return { userId: identity.userId, user, issuedAtMs, expiresAtMs }
  }

  #recall(hash: string): AuthenticatedUser | undefined {
    const remembered = this.#remembered.get(hash)
    if (remembered === undefined) return undefined
    this.#remembered.delete(hash)
    const { authenticated, checkedAtMs } = remembered
    const nowMs = this.#options.now()
    if (nowMs >= authenticated.expiresAtMs) throw new RequestError('token_expired')
    if (nowMs - checkedAtMs >= RECHECK_AFTER_MS) return undefined
    this.#remembered.set(hash, remembered)
    return authenticated
  }

  #remember(hash: string, remembered: Remembered): void {
    this.#remembered.set(hash, remembered)
    if (this.#remembered.size <= MOST_REMEMBERED) return
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined) this.#remembered.delete(oldest)
  }
}
