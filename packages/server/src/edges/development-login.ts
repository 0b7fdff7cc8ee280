import { createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DevLoginBody } from '@tally/protocol'
import { SignJWT } from 'jose'

const SECRET_FILE = 'development-secret'
const SECRET_BYTES = 32
const TOKEN_LIFETIME_S = 30 * 86_400

/**
 * The secret of development tokens, kept in the data folder so that whoever is signed in stays so over a restart;
 * `dataDir` absent: a new one, for this run only.
 */
export async function loadDevelopmentSecret(dataDir: string | undefined): Promise<string> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  if (dataDir === undefined) return secret
  await mkdir(dataDir, { recursive: true })
  const file = join(dataDir, SECRET_FILE)
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, secret, { mode: 0o600 })
  try {
    // Whole or not at all, and only if there is none: of two servers that start at once, one wins.
    await link(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await unlink(draft)
  }
  return (await readFile(file, 'utf8')).trim()
}

/** Signs tokens for whoever asks. Exists only where the configuration says `developmentLogin`. */
export class DevelopmentLogin {
  readonly #key: KeyObject
  readonly #now: () => number

  constructor({ secret, now }: { secret: string; now: () => number }) {
    this.#key = createSecretKey(secret, 'utf8')
    this.#now = now
  }

  /** A token with the claims of a host's token, good for 30 days. */
  issue({ userId, name, userType }: DevLoginBody): Promise<string> {
    // To the millisecond: somebody who signs in right after a revocation is not to be taken for one of before.
    const issuedAtS = this.#now() / 1_000
    const profile = {
      ...(name === undefined ? {} : { name }),
      ...(userType === undefined ? {} : { user_type: userType }),
    }
    return (
      new SignJWT(profile)
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(userId)
        // Another one each time: who signs out in one window stays signed in in the next.
        .setJti(randomUUID())
        .setIssuedAt(issuedAtS)
        .setExpirationTime(Math.floor(issuedAtS) + TOKEN_LIFETIME_S)
        .sign(this.#key)
    )
  }
}
