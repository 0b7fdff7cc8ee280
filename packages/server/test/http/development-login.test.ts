import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserId } from '@tally/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DevelopmentLogin, loadDevelopmentSecret } from '../../src/edges/development-login.ts'
import { TokenVerifier } from '../../src/edges/token-verifier.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-secret-'))
})
afterEach(() => rm(folder, { recursive: true }))

const now = () => Date.parse('2026-03-01T12:00:00.250Z')

test('whoever is signed in stays so over a restart', async () => {
  const dataDir = join(folder, 'not', 'there', 'yet')
  const first = new DevelopmentLogin({ secret: await loadDevelopmentSecret(dataDir), now })
  const token = await first.issue({ userId: UserId.parse('kim'), name: '김민수', userType: 'user' })

  const jwtSecret = await loadDevelopmentSecret(dataDir)
  await expect(new TokenVerifier({ jwtSecret, tokenMaxAgeDays: 1, now }).verify(token)).resolves.toEqual({
    identity: { userId: 'kim', name: '김민수', userType: 'user' },
    issuedAtMs: now(),
    expiresAtMs: Date.parse('2026-03-31T12:00:00Z'),
  })
})

test('two servers that start at once agree on one secret, and nobody else may read it', async () => {
  const secrets = await Promise.all(Array.from({ length: 10 }, () => loadDevelopmentSecret(folder)))
  expect(new Set(secrets).size).toBe(1)
  expect((await stat(join(folder, 'development-secret'))).mode & 0o777).toBe(0o600)
})

test('without a folder every run has a secret of its own', async () => {
  expect(await loadDevelopmentSecret(undefined)).not.toBe(await loadDevelopmentSecret(undefined))
})
