import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { type Identity, identityFrom, LIMITS, RequestError } from '@tally/protocol'
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTClaimVerificationOptions,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  type ProtectedHeaderParameters,
  UnsecuredJWT,
} from 'jose'

export type TokenVerifierOptions = {
  /** Verifies HS256, and nothing else. */
  jwtSecret?: string | undefined
  /** Verifies RS256, ES256 and EdDSA, and nothing else. */
  jwksUrl?: string | undefined
  jwtIssuer?: string | undefined
  jwtAudience?: string | undefined
  tokenMaxAgeDays: number
  now: () => number
}

/** What a token proves. */
export type VerifiedToken = {
  readonly identity: Identity
  /** 0 where the token does not say: any revocation ends it. */
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** The host's own name of the sign-in that the token belongs to, where it has one: other tokens bear it, too. */
  readonly session: string | undefined
}

type KeySource = { readonly algorithms: string[]; readonly key: KeyObject | JWTVerifyGetKey }

const KEY_SET_TIMEOUT_MS = 3_000
const KEY_SET_RETRY_MS = 5_000
const MS_PER_DAY = 86_400_000

/**
 * Checks tokens: signature, `exp`, `nbf`, and `iss` and `aud` where configured. A token's header only selects among
 * what the operator configured: its algorithm belongs to exactly one source of keys (a public key is never tried as a
 * shared secret), `kid` picks within the configured key set, and `jku`, `jwk`, `x5u`, `x5c` are not looked at.
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions
  readonly #sources: readonly KeySource[]

  constructor(options: TokenVerifierOptions) {
    this.#options = options
    this.#sources = keySources(options)
  }

  /**
   * @throws RequestError `unauthorized`, `token_expired`, `token_not_yet_valid`; `unavailable` when the key set cannot
   * be fetched: the token may be good, nobody knows.
   */
  async verify(token: string): Promise<VerifiedToken> {
    if (token.length > LIMITS.tokenChars) throw new RequestError('unauthorized')
    const header = headerOf(token)
    const source = this.#sources.find(({ algorithms }) => algorithms.includes(header.alg ?? ''))
    if (source === undefined) throw new RequestError('unauthorized')
    const claims = await this.#verifyWith(source, token, header)
    const identity = identityFrom(claims)
    if (identity === undefined) {
      throw new RequestError('unauthorized', {
        message: 'The token names nobody: sub, userId or user_id has to be a usable id.',
      })
    }
    return { identity, ...this.#lifetime(claims), session: sessionOf(claims) }
  }

  async #verifyWith(
    { algorithms, key }: KeySource,
    token: string,
    header: ProtectedHeaderParameters,
  ): Promise<JWTPayload> {
    const { jwtIssuer, jwtAudience, now } = this.#options
    const expected: JWTClaimVerificationOptions = {
      currentDate: new Date(now()),
      ...(jwtIssuer === undefined ? {} : { issuer: jwtIssuer }),
      ...(jwtAudience === undefined ? {} : { audience: jwtAudience }),
    }
    try {
      if (typeof key !== 'function') return claimsUnderSecret(token, { key, header, expected })
      return (await jwtVerify(token, key, { algorithms, ...expected })).payload
    } catch (error) {
      throw refusalFor(error)
    }
  }

  // Some hosts sign tokens that never expire. Without a bound a stolen one would be good for ever.
  #lifetime({ iat, exp }: JWTPayload): { issuedAtMs: number; expiresAtMs: number } {
    const issuedAtMs = iat === undefined ? 0 : Math.max(0, Math.min(iat * 1_000, this.#options.now()))
    if (exp !== undefined) {
      return { issuedAtMs, expiresAtMs: Math.min(exp * 1_000, Number.MAX_SAFE_INTEGER) }
    }
    if (iat === undefined) {
      throw new RequestError('unauthorized', {
        message: 'The token has to say when it expires (exp) or began (iat).',
      })
    }
    const expiresAtMs = issuedAtMs + this.#options.tokenMaxAgeDays * MS_PER_DAY
    if (expiresAtMs <= this.#options.now()) throw new RequestError('token_expired')
    return { issuedAtMs, expiresAtMs }
  }
}

function keySources({ jwtSecret, jwksUrl }: TokenVerifierOptions): KeySource[] {
  const sources: KeySource[] = []
  if (jwtSecret !== undefined) {
    sources.push({ algorithms: ['HS256'], key: createSecretKey(jwtSecret, 'utf8') })
  }
  if (jwksUrl !== undefined) {
    sources.push({ algorithms: ['RS256', 'ES256', 'EdDSA'], key: remoteKeys(jwksUrl) })
  }
  return sources
}

function remoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: KEY_SET_TIMEOUT_MS,
    cooldownDuration: KEY_SET_RETRY_MS,
  })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error
      throw new RequestError('unavailable', {
        message: 'Tokens cannot be checked right now.',
        retryAfterMs: KEY_SET_RETRY_MS,
        cause: error,
      })
    }
  }
}

function headerOf(token: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token)
  } catch (error) {
    throw new RequestError('unauthorized', { cause: error })
  }
}

/** The header of the tokens that `UnsecuredJWT` reads. */
const UNSIGNED = Buffer.from('{"alg":"none"}').toString('base64url')

/**
 * Checks HS256 at once, and leaves the claims to jose. Its own check hands a hash of two microseconds to another thread,
 * which costs a tenth of what a connection takes to be there.
 */
function claimsUnderSecret(
  token: string,
  {
    key,
    header,
    expected,
  }: { key: KeyObject; header: ProtectedHeaderParameters; expected: JWTClaimVerificationOptions },
): JWTPayload {
  const parts = token.split('.')
  const [protectedHeader = '', claims = '', signature = ''] = parts
  // An extension that has to be understood, and is not.
  if (parts.length !== 3 || header.crit !== undefined) throw new errors.JWSInvalid()
  // As text: there is one way to write a signature, so a token that was signed out has no other spelling.
  const right = Buffer.from(
    createHmac('sha256', key).update(`${protectedHeader}.${claims}`).digest('base64url'),
  )
  const given = Buffer.from(signature)
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    throw new errors.JWSSignatureVerificationFailed()
  }
  return UnsecuredJWT.decode(`${UNSIGNED}.${claims}.`, expected).payload
}

/** `sid` of OpenID Connect, or what Supabase calls the same. */
function sessionOf({ sid, session_id }: JWTPayload): string | undefined {
  return [sid, session_id].find((claim): claim is string => typeof claim === 'string' && claim !== '')
}

function refusalFor(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new RequestError('token_expired')
  if (
    error instanceof errors.JWTClaimValidationFailed &&
    error.claim === 'nbf' &&
    error.reason === 'check_failed'
  ) {
    return new RequestError('token_not_yet_valid')
  }
  return error instanceof errors.JOSEError ? new RequestError('unauthorized', { cause: error }) : error
}
