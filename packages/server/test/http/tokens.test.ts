import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TokenVerifier, type TokenVerifierOptions } from '../../src/edges/token-verifier.ts'

const NOW_MS = Date.parse('2026-03-01T12:00:00Z')
const NOW_S = NOW_MS / 1_000
const SECRET = 'the secret that both sides know, and nobody else'
const secretKey = new TextEncoder().encode(SECRET)

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })

let keySet: Server
let keySetUrl: string
let keySetRequests = 0

beforeAll(async () => {
  const keys = await Promise.all(
    [
      { kid: 'rsa', alg: 'RS256', key: rsa.publicKey },
      { kid: 'ec', alg: 'ES256', key: ec.publicKey },
      { kid: 'ed', alg: 'EdDSA', key: ed.publicKey },
    ].map(async ({ kid, alg, key }) => ({ ...(await exportJWK(key)), kid, alg })),
  )
  keySet = createServer((_request, response) => {
    keySetRequests++
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => keySet.listen(0, '127.0.0.1', resolve))
  keySetUrl = `http://127.0.0.1:${(keySet.address() as AddressInfo).port}/keys`
})

afterAll(() => new Promise((resolve) => keySet.close(resolve)))

function verifier(options: Partial<TokenVerifierOptions>): TokenVerifier {
  return new TokenVerifier({ tokenMaxAgeDays: 30, now: () => NOW_MS, ...options })
}

const bySecret = (options: Partial<TokenVerifierOptions> = {}) => verifier({ jwtSecret: SECRET, ...options })

const GOOD: JWTPayload = { sub: 'kim', iat: NOW_S - 60, exp: NOW_S + 3_600 }

function sign(
  claims: JWTPayload,
  {
    alg = 'HS256',
    key = secretKey,
    ...header
  }: { alg?: string; key?: KeyObject | Uint8Array; [name: string]: unknown } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(key)
}

// What jose itself refuses to make.
function forge(header: object, claims: object, hmacKey?: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const body = `${encode(header)}.${encode(claims)}`
  const signature =
    hmacKey === undefined ? '' : createHmac('sha256', hmacKey).update(body).digest('base64url')
  return `${body}.${signature}`
}

describe('a token of the host', () => {
  test('signed with the shared secret says who it is, since when and until when', async () => {
    await expect(
      bySecret().verify(await sign({ ...GOOD, name: 'Kim', user_type: 'company' })),
    ).resolves.toEqual({
      identity: { userId: 'kim', name: 'Kim', userType: 'company' },
      issuedAtMs: NOW_MS - 60_000,
      expiresAtMs: NOW_MS + 3_600_000,
    })
  })

  test.each([
    ['RS256', rsa, 'rsa'],
    ['ES256', ec, 'ec'],
    ['EdDSA', ed, 'ed'],
  ])('signed with %s is verified with the key set', async (alg, { privateKey }, kid) => {
    const token = await sign(GOOD, { alg, key: privateKey, kid })
    const verified = await verifier({ jwksUrl: keySetUrl }).verify(token)
    expect(verified.identity.userId).toBe('kim')
  })

  test.each([
    [{ sub: 'a', userId: 'b', user_id: 'c' }, 'a'],
    [{ userId: 'b', user_id: 'c' }, 'b'],
    [{ user_id: 'c' }, 'c'],
    [{ sub: '', userId: 42 }, '42'],
  ])('names its person in %j: %s', async (claims, expected) => {
    const verified = await bySecret().verify(await sign({ ...claims, exp: NOW_S + 60 } as JWTPayload))
    expect(verified.identity.userId).toBe(expected)
  })

  test('without exp is good for the configured days after its iat', async () => {
    const token = await sign({ sub: 'kim', iat: NOW_S - 29 * 86_400 })
    const verified = await bySecret().verify(token)
    expect(verified.expiresAtMs).toBe(NOW_MS + 86_400_000)
    await expect(bySecret({ tokenMaxAgeDays: 28 }).verify(token)).rejects.toMatchObject({
      code: 'token_expired',
    })
  })

  test('that does not say since when began before every revocation', async () => {
    const verified = await bySecret().verify(await sign({ sub: 'kim', exp: NOW_S + 60 }))
    expect(verified.issuedAtMs).toBe(0)
  })

  test('a key set that cannot be reached refuses nobody: the answer is to try later', async () => {
    const token = await sign(GOOD, { alg: 'RS256', key: rsa.privateKey, kid: 'rsa' })
    const unreachable = verifier({ jwksUrl: 'http://127.0.0.1:1/keys' })
    await expect(unreachable.verify(token)).rejects.toMatchObject({ code: 'unavailable', retry: 'later' })
  })
})

describe('attacks on tokens', () => {
  const refused = { code: 'unauthorized' }

  test('none: an unsigned token', async () => {
    for (const alg of ['none', 'None', 'nOnE', '']) {
      await expect(bySecret().verify(forge({ alg }, GOOD))).rejects.toMatchObject(refused)
    }
  })

  test('a signature with the wrong key', async () => {
    await expect(bySecret().verify(forge({ alg: 'HS256' }, GOOD, 'another secret'))).rejects.toMatchObject(
      refused,
    )
    const token = await sign(GOOD, { alg: 'RS256', key: stranger.privateKey, kid: 'rsa' })
    await expect(verifier({ jwksUrl: keySetUrl }).verify(token)).rejects.toMatchObject(refused)
  })

  test('changed claims under an old signature', async () => {
    const [header, , signature] = (await sign(GOOD)).split('.')
    const claims = Buffer.from(JSON.stringify({ ...GOOD, sub: 'admin' })).toString('base64url')
    await expect(bySecret().verify(`${header}.${claims}.${signature}`)).rejects.toMatchObject(refused)
  })

  test('another spelling of a good signature: a token that was signed out has none', async () => {
    const token = await sign(GOOD)
    const claims = token.slice(0, token.lastIndexOf('.'))
    const signature = token.slice(claims.length + 1)
    // The last of 43 characters has two bits that say nothing.
    const twin = signature.slice(0, -1) + String.fromCharCode(signature.charCodeAt(42) + 1)
    expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
    const short = signature.slice(0, -1)
    for (const other of [twin, short, `${short}é`, `${signature}=`, `${signature}!`, `${signature}.`]) {
      await expect(bySecret().verify(`${claims}.${other}`)).rejects.toMatchObject(refused)
    }
  })

  test('RS→HS confusion: a public key of the set used as the shared secret', async () => {
    const publicKey = await exportSPKI(rsa.publicKey)
    const jwk = JSON.stringify(await exportJWK(rsa.publicKey))
    for (const options of [{ jwksUrl: keySetUrl }, { jwksUrl: keySetUrl, jwtSecret: SECRET }]) {
      for (const key of [publicKey, jwk]) {
        const token = forge({ alg: 'HS256', kid: 'rsa' }, GOOD, key)
        await expect(verifier(options).verify(token)).rejects.toMatchObject(refused)
      }
    }
  })

  test('an algorithm that is not configured, though the key would fit', async () => {
    const byKeySet = verifier({ jwksUrl: keySetUrl })
    for (const alg of ['RS384', 'RS512', 'PS256']) {
      const token = await sign(GOOD, { alg, key: rsa.privateKey, kid: 'rsa' })
      await expect(byKeySet.verify(token)).rejects.toMatchObject(refused)
    }
    await expect(bySecret().verify(await sign(GOOD, { alg: 'HS512' }))).rejects.toMatchObject(refused)
    await expect(byKeySet.verify(await sign(GOOD))).rejects.toMatchObject(refused)
  })

  test('jwk injection: a token that brings its own key', async () => {
    const jwk = await exportJWK(stranger.publicKey)
    const token = await sign(GOOD, { alg: 'RS256', key: stranger.privateKey, jwk, kid: 'rsa' })
    await expect(verifier({ jwksUrl: keySetUrl }).verify(token)).rejects.toMatchObject(refused)
    await expect(bySecret().verify(token)).rejects.toMatchObject(refused)
  })

  test('jku and x5u injection: the address of a key in a token is never asked', async () => {
    let asked = 0
    const trap = createServer((_request, response) => {
      asked++
      response.end('{"keys":[]}')
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/keys`
    for (const name of ['jku', 'x5u']) {
      const token = await sign(GOOD, { alg: 'RS256', key: stranger.privateKey, kid: 'rsa', [name]: address })
      await expect(verifier({ jwksUrl: keySetUrl }).verify(token)).rejects.toMatchObject(refused)
    }
    await new Promise((resolve) => trap.close(resolve))
    expect(asked).toBe(0)
  })

  test('kid injection: a path, a query, a key that is not in the set; and the set is not asked for each of them', async () => {
    const byKeySet = verifier({ jwksUrl: keySetUrl })
    await byKeySet.verify(await sign(GOOD, { alg: 'RS256', key: rsa.privateKey, kid: 'rsa' }))
    const before = keySetRequests
    for (const kid of ['../../../../dev/null', "' or 1=1 --", '__proto__', 'constructor', 'unknown']) {
      const token = await sign(GOOD, { alg: 'RS256', key: stranger.privateKey, kid })
      await expect(byKeySet.verify(token)).rejects.toMatchObject(refused)
      await expect(bySecret().verify(forge({ alg: 'HS256', kid }, GOOD, ''))).rejects.toMatchObject(refused)
    }
    expect(keySetRequests - before).toBeLessThanOrEqual(1)
  })

  test('a critical header that nobody here understands', async () => {
    const token = forge({ alg: 'HS256', crit: ['b64'], b64: false }, GOOD, SECRET)
    await expect(bySecret().verify(token)).rejects.toMatchObject(refused)
  })

  test('expired', async () => {
    const token = await sign({ ...GOOD, exp: NOW_S })
    await expect(bySecret().verify(token)).rejects.toMatchObject({
      code: 'token_expired',
      retry: 'after_auth',
    })
  })

  test('not yet valid', async () => {
    const token = await sign({ ...GOOD, nbf: NOW_S + 60 })
    await expect(bySecret().verify(token)).rejects.toMatchObject({
      code: 'token_not_yet_valid',
      retry: 'later',
    })
  })

  test('wrong or missing audience and issuer', async () => {
    const strict = bySecret({ jwtAudience: 'tally', jwtIssuer: 'https://id.example.com' })
    const claims = { ...GOOD, aud: 'tally', iss: 'https://id.example.com' }
    await expect(strict.verify(await sign(claims))).resolves.toBeDefined()
    for (const wrong of [{ aud: 'other' }, { iss: 'https://evil.example.com' }, { aud: [] }]) {
      await expect(strict.verify(await sign({ ...claims, ...wrong }))).rejects.toMatchObject(refused)
    }
    await expect(strict.verify(await sign(GOOD))).rejects.toMatchObject(refused)
  })

  test('no end and no beginning: it could never be ended', async () => {
    await expect(bySecret().verify(await sign({ sub: 'kim' }))).rejects.toMatchObject(refused)
  })

  test('times that are no numbers', async () => {
    for (const claims of [
      { sub: 'kim', exp: '9999999999' },
      { sub: 'kim', iat: 'now' },
      { sub: 'kim', exp: null },
    ]) {
      await expect(bySecret().verify(forge({ alg: 'HS256' }, claims, SECRET))).rejects.toMatchObject(refused)
    }
  })

  test('names nobody', async () => {
    for (const claims of [
      {},
      { sub: '' },
      { sub: null },
      { sub: {} },
      { sub: 'x'.repeat(1_000) },
      { sub: 'a\u0000b' },
    ]) {
      const token = forge({ alg: 'HS256' }, { ...claims, exp: NOW_S + 60 }, SECRET)
      await expect(bySecret().verify(token)).rejects.toMatchObject(refused)
    }
  })

  test('garbage', async () => {
    for (const token of [
      '',
      '.',
      '..',
      'a.b.c',
      'null',
      '{}',
      `${'a'.repeat(9_000)}.b.c`,
      'eyJhbGciOiJIUzI1NiJ9..',
    ]) {
      await expect(bySecret().verify(token)).rejects.toMatchObject(refused)
    }
  })
})
