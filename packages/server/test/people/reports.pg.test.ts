import { describe, expect, test } from 'vitest'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('reports, on %s', (kind) => {
  const tally = useTally(kind)

  async function room() {
    const [kim, lee, park] = [somebody('kim'), somebody('lee'), somebody('park')]
    const roomId = await tally().room(kim, lee)
    await tally().badge(park)
    return { kim, lee, park, roomId }
  }

  const report = (as: string, body: object) => tally().post('/v1/reports', { as, body })

  async function reportsBy(reporterId: string) {
    const { items } = (await tally().get('/v1/reports?limit=100', { server: true })).body
    return items.filter((one: { reporterId: string }) => one.reporterId === reporterId)
  }

  test('a message is reported with what it said, though its sender deletes it', async () => {
    const { kim, lee, roomId } = await room()
    await tally().send(kim, roomId, 'rude words')
    const body = { roomId, seq: 1, reason: 'abuse', note: 'third time' }
    expect(await report(lee, body)).toMatchObject({ status: 201, body: { ok: true } })
    await tally().ask('DELETE', `/v1/rooms/${roomId}/messages/1`, { as: kim })
    const [made, ...others] = await reportsBy(lee)
    expect(others).toEqual([])
    expect(made).toMatchObject({
      userId: kim,
      roomId,
      seq: 1,
      text: 'rude words',
      reason: 'abuse',
      note: 'third time',
    })
    expect(made.resolvedAt).toBeNull()

    const resolve = () => tally().post(`/v1/reports/${made.id}/resolve`, { server: true })
    expect((await resolve()).status).toBe(200)
    expect((await resolve()).status).toBe(200)
    expect((await reportsBy(lee))[0]).toMatchObject({ text: null, resolvedAt: expect.any(String) })
  })

  test('the same twice is one report, until it is resolved', async () => {
    const { kim, lee, roomId } = await room()
    await tally().send(kim, roomId, 'x')
    const both = { roomId, seq: 1, reason: 'spam' }
    await Promise.all([report(lee, both), report(lee, both), report(lee, both)])
    const [made, ...others] = await reportsBy(lee)
    expect(others).toEqual([])
    await tally().post(`/v1/reports/${made.id}/resolve`, { server: true })
    await report(lee, both)
    expect(await reportsBy(lee)).toHaveLength(2)
  })

  test('a person is reported by whom they met, and by nobody else', async () => {
    const { kim, lee, park } = await room()
    expect((await report(lee, { userId: kim, reason: 'scam' })).status).toBe(201)
    expect((await reportsBy(lee))[0]).toMatchObject({ userId: kim, roomId: null, text: null })
    const stranger = await report(park, { userId: kim, reason: 'scam' })
    const nobody = await report(park, { userId: 'no-such-person', reason: 'scam' })
    expect(stranger).toMatchObject({ status: 404, body: { error: { code: 'user_not_found' } } })
    expect(nobody.body).toEqual(stranger.body)
    expect((await report(kim, { userId: kim, reason: 'me' })).status).toBe(404)
  })

  test("a message in a stranger's room, one that is not there and a deleted one are the same", async () => {
    const { kim, lee, park, roomId } = await room()
    await tally().send(kim, roomId, 'x')
    const answers = [
      await report(park, { roomId, seq: 1, reason: 'r' }),
      await report(lee, { roomId, seq: 9, reason: 'r' }),
    ]
    await tally().ask('DELETE', `/v1/rooms/${roomId}/messages/1`, { as: kim })
    answers.push(await report(lee, { roomId, seq: 1, reason: 'r' }))
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'message_not_found' } } })
    }
  })

  test.each([
    ['nothing', {}],
    ['no reason', { userId: 'x' }],
    ['a place without a room', { seq: 1, reason: 'r' }],
    ['a place below none', { roomId: 'r', seq: -1, reason: 'r' }],
    ['a note of a megabyte', { userId: 'x', reason: 'r', note: 'a'.repeat(1_001) }],
    ['NUL', { userId: 'x', reason: 'r\0' }],
  ])('refuses %s', async (_, body) => {
    expect(await report(somebody('kim'), body)).toMatchObject({ status: 400 })
  })

  test('are read by the host alone, and bounded per person', async () => {
    const { kim, lee } = await room()
    expect((await tally().get('/v1/reports', { as: kim })).status).toBe(401)
    expect((await tally().post('/v1/reports/x/resolve', { as: kim })).status).toBe(401)
    expect((await tally().post('/v1/reports/x/resolve', { server: true })).status).toBe(404)
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => report(lee, { userId: kim, reason: 'r' })),
    )
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
  })

  test('are listed page by page', async () => {
    const { kim, lee, roomId } = await room()
    for (let seq = 1; seq <= 5; seq += 1) {
      await tally().send(kim, roomId, `message ${seq}`)
      await report(lee, { roomId, seq, reason: 'r' })
    }
    const seen: string[] = []
    let cursor = ''
    do {
      const { items, next } = (await tally().get(`/v1/reports?limit=2${cursor}`, { server: true })).body
      seen.push(
        ...items
          .filter((one: { reporterId: string }) => one.reporterId === lee)
          .map((one: { text: string }) => one.text),
      )
      cursor = next === null ? '' : `&cursor=${encodeURIComponent(next)}`
    } while (cursor !== '')
    expect(seen).toEqual([5, 4, 3, 2, 1].map((seq) => `message ${seq}`))
  })
})
