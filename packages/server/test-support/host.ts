import { randomUUID } from 'node:crypto'
import { parseRequest, UserId } from '@tally/protocol'
import { type JWTPayload, SignJWT } from 'jose'
import type { TestDatabaseKind } from './test-database.ts'

/** Both databases the server runs on. */
export const DATABASES = ['pglite', 'postgres'] as const satisfies readonly TestDatabaseKind[]

export const JWT_SECRET = 'the secret of the tests, known to nobody else'
export const SERVER_KEY = 'the-key-of-the-backend-of-the-tests'

/** Longer than the clock of a test is wrong. */
const LIFETIME_S = 3 * 3_600

/** A token as the host makes them, good for some hours unless the claims say otherwise. */
export function tokenOf(userId: string, claims: JWTPayload = {}): Promise<string> {
  const nowS = Math.floor(Date.now() / 1_000)
  return new SignJWT({ sub: userId, iat: nowS, exp: nowS + LIFETIME_S, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(JWT_SECRET))
}

/** A person nobody has heard of: tests of one file share a server, not their people. */
export function somebody(name: string): UserId {
  return parseRequest(UserId, `${name}-${randomUUID().slice(0, 8)}`)
}
