import { describe, expect, test } from 'vitest'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

const NIGHT = { on: true, from: '22:00', to: '08:00', timeZone: 'Asia/Seoul', days: [0, 1, 2, 3, 4, 5, 6] }

describe.each(DATABASES)('preferences, on %s', (kind) => {
  const tally = useTally(kind)
  const read = async (as: string) => (await tally().get('/v1/preferences', { as })).body
  const put = (as: string, body: object) => tally().ask('PUT', '/v1/preferences', { as, body })
  const choicesOf = async (as: string) => {
    const { knownTypes: _, ...choices } = await read(as)
    return choices
  }
  const notify = async (userIds: string[], type: string) =>
    (await tally().post('/v1/notifications', { server: true, body: { userIds, type, title: type } })).body

  test('everything may reach somebody who has chosen nothing', async () => {
    expect(await read(somebody('kim'))).toEqual({
      messages: { push: true },
      notifications: { inApp: true, push: true },
      types: {},
      quietHours: { ...NIGHT, on: false, timeZone: 'UTC' },
      rev: 0,
      knownTypes: [],
    })
  })

  test('what one device chose another one does not undo: it learns that its picture was out of date', async () => {
    const kim = somebody('kim')
    const before = await choicesOf(kim)
    const phone = await put(kim, { ...before, messages: { push: false } })
    expect(phone).toMatchObject({ status: 200, body: { rev: 1, messages: { push: false } } })
    const computer = await put(kim, { ...before, quietHours: NIGHT })
    expect(computer).toMatchObject({
      status: 409,
      body: { error: { code: 'preferences_conflict', retry: 'after_resync', details: { rev: 1 } } },
    })
    const again = await put(kim, { ...(await choicesOf(kim)), quietHours: NIGHT })
    expect(again).toMatchObject({ body: { rev: 2, messages: { push: false }, quietHours: NIGHT } })
    // A rev that never was.
    for (const rev of [9, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      expect((await put(kim, { ...before, rev })).status).toBe(409)
    }
    expect((await put(somebody('lee'), { ...before, rev: 1 })).status).toBe(409)
  })

  test('of many that change them at once from the same place, one does', async () => {
    const kim = somebody('kim')
    const before = await choicesOf(kim)
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(kim, before)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7)
    expect((await read(kim)).rev).toBe(1)
  })

  test('no entry is made, and nothing counts, of a type that is not wanted in the app; those that came stay', async () => {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    await tally().badge(kim)
    await tally().badge(lee)
    expect(await notify([kim, lee], 'advertisement')).toEqual({ created: 2 })
    const off = { inApp: false, push: false }
    await put(kim, { ...(await choicesOf(kim)), types: { advertisement: off } })
    expect(await notify([kim, lee], 'advertisement')).toEqual({ created: 1 })
    expect(await notify([kim, lee], 'offer')).toEqual({ created: 2 })
    expect([(await tally().badge(kim)).notifications, (await tally().badge(lee)).notifications]).toEqual([
      2, 3,
    ])
    expect((await read(kim)).knownTypes).toEqual(['advertisement', 'offer'])

    // For all others, types that nobody has seen yet among them.
    const only = { notifications: off, types: { offer: { inApp: true, push: false } } }
    await put(kim, { ...(await choicesOf(kim)), ...only })
    expect(await notify([kim], 'something new')).toEqual({ created: 0 })
    expect(await notify([kim], 'offer')).toEqual({ created: 1 })
    const nobody = { userIds: [kim, 'nobody-at-all'], type: 'offer', title: 'x' }
    expect(await tally().post('/v1/notifications', { server: true, body: nobody })).toMatchObject({
      status: 404,
    })
  })

  test("the person's other devices are told that there are new ones", async () => {
    const kim = somebody('kim')
    const device = await tally().signIn(kim)
    await put(kim, await choicesOf(kim))
    expect(await device.next('feed-state')).toEqual({ preferencesRev: 1 })
    expect((await tally().get('/v1/notifications', { as: kim })).body.state).toMatchObject({
      preferencesRev: 1,
    })
  })

  test.each<[string, object, string]>([
    [
      'a time zone that there is not',
      { quietHours: { ...NIGHT, timeZone: 'Asia/Atlantis' } },
      'quietHours.timeZone',
    ],
    [
      'an offset in place of a time zone',
      { quietHours: { ...NIGHT, timeZone: '+09:00' } },
      'quietHours.timeZone',
    ],
    ['a time that there is not', { quietHours: { ...NIGHT, from: '24:00' } }, 'quietHours.from'],
    ['a day that there is not', { quietHours: { ...NIGHT, days: [7] } }, 'quietHours.days.0'],
    ['a day twice', { quietHours: { ...NIGHT, days: [1, 1] } }, 'quietHours.days'],
    ['a channel that is neither on nor off', { messages: { push: 'yes' } }, 'messages.push'],
    ['too many types', { types: manyTypes(101) }, 'types'],
    ['no rev', { rev: undefined }, 'rev'],
    ['a negative rev', { rev: -1 }, 'rev'],
  ])('%s is refused, by its name', async (_, change, path) => {
    const kim = somebody('kim')
    const refused = await put(kim, { ...(await choicesOf(kim)), ...change })
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
    expect(refused.body.error.details.issues.map((issue: { path: string }) => issue.path)).toContain(path)
    expect((await read(kim)).rev).toBe(0)
  })

  test('nobody without a token reads or changes any', async () => {
    expect((await tally().get('/v1/preferences')).status).toBe(401)
    expect((await tally().ask('PUT', '/v1/preferences', { server: true, body: {} })).status).toBe(401)
  })
})

function manyTypes(count: number): object {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`type ${n}`, { inApp: true, push: true }]),
  )
}
