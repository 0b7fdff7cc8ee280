import { expect, test, vi } from 'vitest'
import { somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

/** Less than the 25 s that the poll would have waited, and enough for a machine that has other things to do. */
const MOST_WAITED_MS = 15_000

const tally = useTally('pglite')

test.each([
  ['were revoked', 'POST', () => '/v1/sessions/revoke', (userId: string) => ({ userId })],
  ['end with the account', 'DELETE', (userId: string) => `/v1/users/${userId}`, () => undefined],
] as const)(
  'a poll of somebody whose sessions %s ends at once, and says nothing more',
  async (_, method, path, body) => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const token = await tally().token(kim)
    const roomId = await tally().room(kim, lee)
    const { rev } = (await tally().get('/v1/sync', { token })).body
    const waits = vi.spyOn(tally().ctx.devices, 'waitForChange')
    const waiting = tally().get(`/v1/sync?since=${rev}&wait=25`, { token })
    await vi.waitUntil(() => waits.mock.calls.some(([{ userId }]) => userId === kim), { timeout: 15_000 })
    waits.mockRestore()

    const began = performance.now()
    const ended = await tally().ask(method, path(kim), { server: true, body: body(kim) })
    expect(ended.status).toBe(200)
    await tally().send(lee, roomId, 'not for kim any more')
    expect(await waiting).toMatchObject({ status: 401, body: { error: { code: 'session_revoked' } } })
    expect(performance.now() - began).toBeLessThan(MOST_WAITED_MS)
  },
)
