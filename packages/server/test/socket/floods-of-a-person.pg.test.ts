import { expect, test } from 'vitest'
import { useTally } from '../../test-support/test-tally.ts'

const BURST = 20
const tally = useTally('pglite', { TALLY_EVENTS_PER_SECOND: '1', TALLY_EVENT_BURST: String(BURST) })

/** Each connection says what one may say at once. @returns how many of these events were taken. */
async function flood(connections: number, event: 'sync' | 'visibility', payload: object): Promise<number> {
  let taken = 0
  for (let n = 0; n < connections; n += 1) {
    const client = await tally().signIn(`flooder-${event}`)
    const answers = await Promise.all(Array.from({ length: BURST - 1 }, () => client.call(event, payload)))
    for (const answer of answers) {
      if (answer.ok) taken += 1
      else expect(answer.error).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) })
    }
    client.close()
  }
  return taken
}

test('who comes back on new connections may not begin a flood anew with each', async () => {
  const taken = await flood(10, 'visibility', { visible: true })
  expect(taken).toBeGreaterThanOrEqual(5 * (BURST - 1))
  expect(taken).toBeLessThan(7 * BURST)
})

test('nor read everything as often as say something', async () => {
  const taken = await flood(4, 'sync', {})
  expect(taken).toBeGreaterThanOrEqual(BURST)
  expect(taken).toBeLessThan(2 * BURST)
  expect(await (await tally().signIn('somebody-else')).call('sync', {})).toMatchObject({ ok: true })
})
