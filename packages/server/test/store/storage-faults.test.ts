import { RequestError } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/store/fingerprint.ts'
import { retryConflicts } from '../../src/store/retry-conflicts.ts'
import { isRolledBack, storageFaultOf } from '../../src/store/storage-faults.ts'

const fromServer = (code: string) => Object.assign(new Error('from the server'), { code, severity: 'ERROR' })
const fromSystem = (code: string) => Object.assign(new Error('from the system'), { code })

describe('what an error of the driver means', () => {
  test.each([
    ['a deadlock', fromServer('40P01'), 'conflict'],
    ['a serialisation failure', fromServer('40001'), 'conflict'],
    ['a lock that did not come', fromServer('55P03'), 'conflict'],
    ['a server that shuts down', fromServer('57P01'), 'unavailable'],
    ['a statement that took too long', fromServer('57014'), 'unavailable'],
    ['a full disk', fromServer('53100'), 'unavailable'],
    ['no connection left', fromServer('53300'), 'unavailable'],
    ['a standby', fromServer('25006'), 'unavailable'],
    ['a broken pipe, whose code looks like one of the server', fromSystem('EPIPE'), 'unavailable'],
    ['a refused connection', fromSystem('ECONNREFUSED'), 'unavailable'],
    ['a lost connection', new Error('Connection terminated unexpectedly'), 'unavailable'],
    ['a NUL', fromServer('22021'), 'malformed'],
    ['a broken constraint', fromServer('23505'), undefined],
    ['a missing function', fromServer('42883'), undefined],
    ['a wrong number of parameters', fromServer('08P01'), undefined],
    ['a mistake in JavaScript', new TypeError('x is not a function'), undefined],
    ['a refusal', new RequestError('forbidden'), undefined],
  ])('%s', (_, error, fault) => {
    expect(storageFaultOf(error)).toBe(fault)
  })

  test('only what the server itself refused was certainly rolled back', () => {
    expect(isRolledBack(fromServer('23505'))).toBe(true)
    expect(isRolledBack(fromSystem('EPIPE'))).toBe(false)
    expect(isRolledBack(new Error('Connection terminated unexpectedly'))).toBe(false)
  })
})

describe('retries', () => {
  /** Fails with these errors, one after the other, then succeeds. */
  function failing(...errors: Error[]) {
    let calls = 0
    const work = async () => {
      const error = errors[calls]
      calls += 1
      if (error !== undefined) throw error
      return 'done'
    }
    return { work, calls: () => calls }
  }

  const noPause = () => -0.5

  test('a statement that lost against others is repeated', async () => {
    const { work, calls } = failing(fromServer('40P01'), fromServer('55P03'))
    expect(await retryConflicts(work, noPause)).toBe('done')
    expect(calls()).toBe(3)
  })

  test('one that always loses becomes storage_unavailable, with advice when to come back', async () => {
    const { work, calls } = failing(...Array.from({ length: 50 }, () => fromServer('40P01')))
    const refused = await retryConflicts(work, noPause).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'storage_unavailable', retryAfterMs: expect.any(Number) })
    expect(calls()).toBeLessThan(10)
  })

  test('a lost connection is not repeated: nobody knows whether it was committed', async () => {
    const { work, calls } = failing(fromSystem('ECONNRESET'))
    await expect(retryConflicts(work, noPause)).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(calls()).toBe(1)
  })

  test('a bug stays what it is', async () => {
    const bug = fromServer('42883')
    await expect(retryConflicts(failing(bug).work, noPause)).rejects.toBe(bug)
  })
})

describe('a fingerprint', () => {
  const body = { text: 'hi', type: 'regular', replyTo: undefined }

  test('tells every part of a body apart', () => {
    const others = [
      { ...body, text: 'ho' },
      { ...body, type: 'resume' },
      { ...body, replyTo: 1 },
      { ...body, text: 'hi","regular' },
    ]
    expect(new Set([body, ...others].map(fingerprintOf)).size).toBe(5)
    expect(fingerprintOf({ ...body })).toBe(fingerprintOf(body))
  })

  test('has 128 bits or more', () => {
    expect(fingerprintOf(body)).toMatch(/^[\w-]{22}$/)
  })
})
