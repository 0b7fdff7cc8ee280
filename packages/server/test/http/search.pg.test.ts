import { describe, expect, test, vi } from 'vitest'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('GET /v1/search, on %s', (kind) => {
  const tally = useTally(kind, { TALLY_SEARCHES_PER_SECOND: '1', TALLY_SEARCH_BURST: '100' })

  const find = (as: string, query: string) => tally().get(`/v1/search?${query}`, { as })

  test('a message is found soon after it was sent, without anybody asking for it', async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const roomId = await tally().room(kim, lee)
    await tally().send(kim, roomId, '내일 면접입니다')
    const items = await vi.waitFor(
      async () => {
        const { status, body } = await find(lee, `q=${encodeURIComponent('면접')}`)
        expect(status).toBe(200)
        expect(body.items).toHaveLength(1)
        return body.items
      },
      { timeout: 15_000, interval: 200 },
    )
    expect(items).toEqual([
      {
        kind: 'message',
        id: expect.any(String),
        roomId,
        seq: 1,
        senderId: kim,
        type: 'regular',
        createdAt: expect.any(String),
        excerpt: '내일 면접입니다',
        matches: [{ start: 3, end: 5 }],
      },
    ])
  })

  test.each([
    ['nothing', ''],
    ['an empty text', 'q='],
    ['blanks', 'q=%20%20'],
    ['more than can be meant', `q=${'a'.repeat(101)}`],
    ['NUL', 'q=a%00b'],
    ['two texts', 'q=ab&q=cd'],
    ['a huge limit', 'q=ab&limit=1000000'],
    ['a place that is none', 'q=ab&in=everything'],
    ['rooms of a room', 'q=ab&in=rooms&roomId=x'],
  ])('refuses %s', async (_, query) => {
    const refused = await find(somebody('kim'), query)
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
  })

  test('refuses a cursor that somebody made up', async () => {
    const made = await find(somebody('kim'), 'q=ab&cursor=AAAA.BBBB')
    expect(made).toMatchObject({ status: 400, body: { error: { code: 'invalid_cursor' } } })
  })

  test('is for people, and bounded per person', async () => {
    expect((await tally().get('/v1/search?q=ab')).status).toBe(401)
    expect((await tally().get('/v1/search?q=ab', { server: true })).status).toBe(401)
    const kim = somebody('kim')
    const answers = await Promise.all(Array.from({ length: 150 }, () => find(kim, 'q=ab')))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]).toMatchObject({ body: { error: { code: 'rate_limited', retry: 'later' } } })
    expect((await find(somebody('lee'), 'q=ab')).status).toBe(200)
  })
})
