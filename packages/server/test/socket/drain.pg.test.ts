import { expect, test } from 'vitest'
import { useTally } from '../../test-support/test-tally.ts'

const tally = useTally('pglite', { TALLY_DRAIN_SPREAD_MS: '300' })

test('a server that stops tells everybody when to come back, finishes what it accepted, and closes so that they do', async () => {
  const roomId = await tally().room('a', 'b')
  const clients = await Promise.all(['a', 'b', 'a', 'b', 'a', 'b'].map((userId) => tally().signIn(userId)))
  const [writer] = clients
  const sent = writer!.call('send-message', { roomId, message: 'accepted' })
  const stopping = tally().stop()
  const moments = await Promise.all(clients.map((client) => client.next('server-draining')))
  expect(await sent).toMatchObject({ ok: true })
  const waits = moments.map(({ reconnectInMs }) => reconnectInMs)
  expect(new Set(waits).size).toBe(clients.length)
  expect(Math.max(...waits)).toBeLessThanOrEqual(300)
  // Not `io server disconnect`, after which an installed app stays dark.
  for (const client of clients) expect(await client.next('disconnect')).toBe('transport close')
  await expect(tally().connect()).rejects.toThrow('refused')
  await stopping
})
