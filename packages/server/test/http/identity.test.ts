import { type Identity as Claimed, RequestError, type User } from '@tally/protocol'
import { SignJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { ApiKeys } from '../../src/edges/api-keys.ts'
import { Identity } from '../../src/edges/identity.ts'
import { TokenVerifier } from '../../src/edges/token-verifier.ts'

const SECRET = 'the secret that both sides know, and nobody else'
const START_MS = Date.parse('2026-03-01T12:00:00Z')

let nowMs: number
let recognized: Claimed[]
/** What the database says to the next question; a person by default. */
let recognize: (claimed: Claimed) => Promise<User>
let identity: Identity

beforeEach(() => {
  nowMs = START_MS
  recognized = []
  recognize = async ({ userId, name = null }) => ({ id: userId, name, image: null, userType: null })
  const now = () => nowMs
  identity = new Identity({
    verifier: new TokenVerifier({ jwtSecret: SECRET, tokenMaxAgeDays: 30, now }),
    apiKeys: new ApiKeys([
      { name: 'backend', key: 'first-key-of-the-host' },
      { name: 'cron', key: 'second-key-of-the-host' },
    ]),
    recognize: (claimed) => {
      recognized.push(claimed)
      return recognize(claimed)
    },
    now,
  })
})

function tokenOf(userId: string, validForS = 3_600): Promise<string> {
  const iat = nowMs / 1_000
  return new SignJWT({ sub: userId, iat, exp: iat + validForS })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(SECRET))
}

const revoked = () => Promise.reject(new RequestError('session_revoked'))

describe('a token that was checked', () => {
  test('is believed without asking anybody again, for a minute', async () => {
    const token = await tokenOf('kim')
    const first = await identity.authenticate(token)
    nowMs += 59_999
    expect(await identity.authenticate(token)).toBe(first)
    expect(recognized).toHaveLength(1)
    nowMs += 1
    await identity.authenticate(token)
    expect(recognized).toHaveLength(2)
  })

  test('ends when it ends, remembered or not', async () => {
    const token = await tokenOf('kim', 30)
    await identity.authenticate(token)
    nowMs += 30_000
    await expect(identity.authenticate(token)).rejects.toMatchObject({ code: 'token_expired' })
  })

  test('is asked about again at once when word of a revocation comes, and only of that person', async () => {
    const [kim, lee] = [await tokenOf('kim'), await tokenOf('lee')]
    const { userId } = await identity.authenticate(kim)
    await identity.authenticate(lee)
    recognize = revoked
    identity.forget(userId)
    await expect(identity.authenticate(kim)).rejects.toMatchObject({ code: 'session_revoked' })
    await expect(identity.authenticate(lee)).resolves.toMatchObject({ userId: 'lee' })
  })

  test('is refused within a minute even when word of the revocation was lost', async () => {
    const token = await tokenOf('kim')
    await identity.authenticate(token)
    recognize = revoked
    nowMs += 60_000
    await expect(identity.authenticate(token)).rejects.toMatchObject({ code: 'session_revoked' })
  })

  test('is not believed on an answer that a revocation overtook', async () => {
    const token = await tokenOf('kim')
    const answered = Promise.withResolvers<User>()
    const user: User = { id: 'kim' as User['id'], name: null, image: null, userType: null }
    recognize = () => answered.promise
    const authenticating = identity.authenticate(token)
    // The database has answered; before the answer is here, the revocation is.
    await expect.poll(() => recognized.length).toBe(1)
    recognize = revoked
    identity.forget(user.id)
    answered.resolve(user)
    await expect(authenticating).rejects.toMatchObject({ code: 'session_revoked' })
  })
})

test('who was here stays while the database is away, and no longer than the token', async () => {
  const token = await tokenOf('kim', 600)
  const known = await identity.authenticate(token)
  recognize = () => Promise.reject(new RequestError('storage_unavailable'))
  nowMs += 60_000
  expect(await identity.authenticate(token)).toEqual(known)
  expect(await identity.authenticate(token)).toEqual(known)
  // The database was asked once, and will be in a minute: not with every poll.
  expect(recognized).toHaveLength(2)
  nowMs += 540_000
  await expect(identity.authenticate(token)).rejects.toMatchObject({ code: 'token_expired' })
})

test('a refusal is not remembered: the database may have been away', async () => {
  const token = await tokenOf('kim')
  recognize = () => Promise.reject(new RequestError('storage_unavailable'))
  await expect(identity.authenticate(token)).rejects.toMatchObject({ code: 'storage_unavailable' })
  recognize = async ({ userId }) => ({ id: userId, name: null, image: null, userType: null })
  await expect(identity.authenticate(token)).resolves.toMatchObject({ userId: 'kim' })
})

test('a token that is refused asks the database nothing', async () => {
  await expect(identity.authenticate('a.b.c')).rejects.toMatchObject({ code: 'unauthorized' })
  expect(recognized).toEqual([])
})

describe('a server key', () => {
  test('is known by its name', () => {
    expect(identity.authenticateServer('first-key-of-the-host')).toBe('backend')
    expect(identity.authenticateServer('second-key-of-the-host')).toBe('cron')
  })

  test.each([
    undefined,
    '',
    'first-key-of-the-hos',
    'first-key-of-the-host ',
    'FIRST-KEY-OF-THE-HOST',
    '\u0000',
  ])('%j is none', (key) => {
    expect(() => identity.authenticateServer(key)).toThrow(
      expect.objectContaining({ code: 'api_key_required' }),
    )
  })
})
