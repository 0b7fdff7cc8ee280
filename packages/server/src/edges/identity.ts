import { hash as digest } from 'node:crypto'
import type { Identity as Claimed, User, UserId } from '@tally/protocol'
import { RequestError } from '@tally/protocol'
import type { SignIn } from '../core/sign-in.ts'
import type { ApiKeys } from './api-keys.ts'
import type { TokenVerifier } from './token-verifier.ts'

/** A person whose token was checked. */
export type AuthenticatedUser = {
  readonly userId: UserId
  readonly user: User
  readonly signIn: SignIn
  readonly issuedAtMs: number
  /** When the token ends; an open socket has to notice. */
  readonly expiresAtMs: number
}

export type IdentityOptions = {
  verifier: TokenVerifier
  apiKeys: ApiKeys
  /** Makes an unknown person known and keeps the known ones up to date; refuses with `session_revoked`. */
  recognize: (claimed: Claimed, token: { issuedAtMs: number; signIn: SignIn }) => Promise<User>
  now: () => number
}

/** How long a checked token is believed without asking the database again, should word of a revocation get lost. */
const RECHECK_AFTER_MS = 60_000
const MOST_REMEMBERED = 20_000

type Remembered = { readonly authenticated: AuthenticatedUser; readonly recheckAtMs: number }

/**
 * Who is speaking: people by token, the host's backend by key. One for both edges of a node. A token that was checked
 * is remembered by its hash, so that a poll costs neither cryptography nor a query but once a minute.
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
    const hash = digest('sha256', token, 'base64') as SignIn
    const known = this.#recall(hash)
    if (known !== undefined && this.#options.now() < known.recheckAtMs) return known.authenticated
    const authenticated = await this.#check(token, hash).catch((error: unknown) => {
      // While nothing can be asked nothing can be revoked either: who was here stays, unless forgotten meanwhile.
      const away = error instanceof RequestError && error.retry === 'later'
      if (away && known !== undefined && this.#remembered.has(hash)) return known.authenticated
      this.#remembered.delete(hash)
      throw error
    })
    this.#remember(hash, authenticated)
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

  async #check(token: string, hash: SignIn): Promise<AuthenticatedUser> {
    const { identity, issuedAtMs, expiresAtMs, session } = await this.#options.verifier.verify(token)
    // Without a session the token itself is the sign-in; a session is known by its own name to its host alone.
    const signIn = session === undefined ? hash : (digest('sha256', `session ${session}`, 'base64') as SignIn)
    let revocations: number
    let user: User
    do {
      // A revocation that commits while the database answers may or may not be in the answer: ask again.
      revocations = this.#revocations
      user = await this.#options.recognize(identity, { issuedAtMs, signIn })
    } while (revocations !== this.#revocations)
    return { userId: identity.userId, user, signIn, issuedAtMs, expiresAtMs }
  }

  #recall(hash: string): Remembered | undefined {
    const known = this.#remembered.get(hash)
    if (known === undefined) return undefined
    this.#remembered.delete(hash)
    if (this.#options.now() >= known.authenticated.expiresAtMs) throw new RequestError('token_expired')
    this.#remembered.set(hash, known)
    return known
  }

  #remember(hash: string, authenticated: AuthenticatedUser): void {
    this.#remembered.set(hash, { authenticated, recheckAtMs: this.#options.now() + RECHECK_AFTER_MS })
    if (this.#remembered.size <= MOST_REMEMBERED) return
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined) this.#remembered.delete(oldest)
  }
}
