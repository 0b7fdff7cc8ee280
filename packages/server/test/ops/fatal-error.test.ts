import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RequestError } from '@tally/protocol'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { describeFatal } from '../../src/fatal-error.ts'
import { startTally } from '../../src/main.ts'
import { createLog } from '../../src/ops/log.ts'
import { lockDirectory } from '../../src/store/directory-lock.ts'

/** What an operator reads when a start with these variables fails. */
async function reasonFor(environment: Record<string, string>): Promise<string> {
  try {
    const config = loadConfig({ HOST: '127.0.0.1', PORT: '0', TALLY_DEMO_DATA: 'false', ...environment })
    await (await startTally(config, createLog({ level: 'silent' }))).stop()
  } catch (error) {
    return describeFatal(error)
  }
  throw new Error('it started')
}

const STACK = /^\s+at /m

test('a database that cannot be reached is named as the reason, with the address and without a secret', async () => {
  const reason = await reasonFor({ DATABASE_URL: 'postgres://tally:the-password@127.0.0.1:1/tally' })
  expect(reason).toContain('the database is away')
  expect(reason).toContain('127.0.0.1:1')
  expect(reason).not.toContain('the-password')
  expect(reason).not.toMatch(STACK)
})

test('a folder in use is named, with who uses it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tally-fatal-'))
  const lock = lockDirectory(dataDir)
  const reason = await reasonFor({ DATA_DIR: dataDir })
  expect(reason).toContain(`${dataDir} is in use by process ${process.pid}`)
  expect(reason).not.toMatch(STACK)
  lock.release()
  await rm(dataDir, { recursive: true })
})

test('a port in use comes with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const reason = await reasonFor({ DATA_DIR: 'memory://', PORT: String(port) })
  expect(reason).toContain(`address already in use 127.0.0.1:${port}`)
  expect(reason).toContain('set another PORT')
  expect(reason).not.toMatch(STACK)
  other.close()
}, 60_000)

test('an address of another machine comes with what HOST may be', async () => {
  const reason = await reasonFor({ DATA_DIR: 'memory://', HOST: '192.0.2.1', PORT: '0' })
  expect(reason).toMatch(/EADDRNOTAVAIL.*\n.*HOST has to be an address of this machine/)
  expect(reason).not.toMatch(STACK)
}, 60_000)

test('a variable that is wrong is told as the configuration says it', async () => {
  expect(await reasonFor({ PORT: 'many' })).toMatch(/^Tally cannot start:\n.*PORT must be/)
})

test.each([
  [
    'no Error at all',
    { name: 'ErrnoError', message: 'FS error', errno: 51 },
    /ErrnoError FS error \(errno 51\)\nThe disk is full/,
  ],
  ['a word', 'enough', /enough/],
  ['nothing', undefined, /^Tally cannot go on/],
  [
    'several addresses that were tried in vain',
    new RequestError('storage_unavailable', {
      cause: new AggregateError([
        new Error('connect ECONNREFUSED ::1:1'),
        new Error('connect ECONNREFUSED 127.0.0.1:1'),
      ]),
    }),
    /::1:1, connect ECONNREFUSED 127\.0\.0\.1:1/,
  ],
  ['a mistake of ours', new TypeError('x is not a function'), STACK],
])('whatever is thrown says something: %s', (_, error, reason) => {
  expect(describeFatal(error)).toMatch(reason)
})
