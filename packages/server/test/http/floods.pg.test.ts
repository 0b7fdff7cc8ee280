import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { tokenOf } from '../../test-support/host.ts'
import { startTally } from '../../test-support/test-tally.ts'

describe('floods', () => {
  test('of one person are refused with the time to wait, without a word to others', async () => {
    const server = await startTally('postgres', {
      env: { TALLY_REQUESTS_PER_SECOND: '1', TALLY_REQUEST_BURST: '5' },
    })
    const token = await tokenOf('kim')
    const answers = await Promise.all(Array.from({ length: 20 }, () => server.get('/v1/badge', { token })))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThanOrEqual(14)
    expect(refused[0]?.body.error).toMatchObject({
      code: 'rate_limited',
      retry: 'later',
      retryAfterMs: expect.any(Number),
    })
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await server.badge('lee')).total).toBe(0)
    await server.stop()
  })

  test('of bad tokens from one address are refused, whatever X-Forwarded-For says; probes go on', async () => {
    const server = await startTally('postgres', { env: { TALLY_REQUESTS_PER_SECOND_PER_ADDRESS: '2' } })
    const guess = (i: number) =>
      server.get('/v1/badge', { token: `guess-${i}`, headers: { 'x-forwarded-for': `10.0.0.${i}` } })
    const startedAtMs = performance.now()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => guess(i)))
    // What there is at once, and two more for each second that it took.
    const most = 4 + 2 * Math.floor((performance.now() - startedAtMs) / 1_000)
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(most)
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20 - most)
    expect((await server.get('/health/live')).status).toBe(200)
    expect((await server.badge('kim')).total).toBe(0)
    await server.stop()
  })

  test('behind a proxy that is named, everybody has an address of their own', async () => {
    const server = await startTally('postgres', {
      env: {
        TALLY_REQUESTS_PER_SECOND_PER_ADDRESS: '2',
        TALLY_TRUSTED_PROXIES: 'loopback',
      },
    })
    const from = (address: string) => server.get('/v1/badge', { headers: { 'x-forwarded-for': address } })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => from(`203.0.113.${i}`)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    // What a client put there itself stands to the left of what our proxy saw.
    const spoofed = await Promise.all(
      Array.from({ length: 10 }, (_, i) => from(`198.51.100.${i}, 203.0.113.99`)),
    )
    expect(spoofed.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(6)
    await server.stop()
  })

  test('a request that never ends does not hold the server', async () => {
    const server = await startTally('postgres')
    const { port } = new URL(server.url)
    const slow = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/rooms',
      headers: { 'content-length': 100 },
    })
    slow.on('error', () => {})
    slow.write('{')
    expect((await server.get('/health/live')).status).toBe(200)
    slow.destroy()
    await server.stop()
  })
})
