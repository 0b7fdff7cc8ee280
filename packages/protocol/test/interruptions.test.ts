import { describe, expect, test } from 'vitest'
import {
  channelsOf,
  type Interruption,
  isQuiet,
  mayPush,
  Preferences,
  type QuietHours,
} from '../src/index.ts'

const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6]
const night: QuietHours = { on: true, from: '22:00', to: '08:00', timeZone: 'Asia/Seoul', days: ALL_DAYS }
/** 2 March 2026 is a Monday. */
const seoul = (time: string, day = '02') => new Date(`2026-03-${day}T${time}:00+09:00`)
const quietAt = (hours: QuietHours, times: readonly string[], day?: string) =>
  times.map((time) => isQuiet(hours, seoul(time, day)))

describe('quiet hours', () => {
  test('go over midnight, begin with their first minute and end before their last', () => {
    const times = ['21:59', '22:00', '03:00', '07:59', '08:00', '12:00']
    expect(quietAt(night, times)).toEqual([false, true, true, true, false, false])
    const lunch = { ...night, from: '12:00', to: '13:00' }
    expect(quietAt(lunch, ['11:59', '12:00', '12:59', '13:00'])).toEqual([false, true, true, false])
    expect(quietAt({ ...night, on: false }, ['23:00'])).toEqual([false])
  })

  test('that begin and end at the same time last a whole day', () => {
    const whole = { ...night, from: '09:00', to: '09:00', days: [1] }
    expect(quietAt(whole, ['08:59', '09:00', '23:00'])).toEqual([false, true, true])
    expect(quietAt(whole, ['08:59', '09:00'], '03')).toEqual([true, false])
  })

  test('belong to the day on which they begin', () => {
    const friday = { ...night, days: [5] }
    // Friday the 6th, into Saturday the 7th.
    expect(quietAt(friday, ['07:00', '23:00'], '06')).toEqual([false, true])
    expect(quietAt(friday, ['07:00', '23:00'], '07')).toEqual([true, false])
    const sunday = { ...night, days: [0] }
    expect(quietAt(sunday, ['07:00'], '02')).toEqual([true])
    expect(quietAt({ ...night, days: [] }, ['23:00', '03:00'])).toEqual([false, false])
  })

  test("are those of the person's time zone, wherever one asks, and follow its summer time", () => {
    const at = new Date('2026-03-02T14:30:00Z')
    expect(isQuiet(night, at)).toBe(true)
    expect(isQuiet({ ...night, timeZone: 'UTC' }, at)).toBe(false)
    expect(isQuiet({ ...night, timeZone: 'America/New_York' }, at)).toBe(false)
    // On 8 March 2026 the clocks of New York go from 02:00 to 03:00.
    const early = { ...night, from: '03:00', to: '04:00', timeZone: 'America/New_York' }
    expect(isQuiet(early, new Date('2026-03-08T06:59:00Z'))).toBe(false)
    expect(isQuiet(early, new Date('2026-03-08T07:00:00Z'))).toBe(true)
  })
})

describe('what may interrupt', () => {
  const choices = {
    messages: { push: true },
    notifications: { inApp: true, push: true },
    types: { ad: { inApp: true, push: false }, spam: { inApp: false, push: true } },
    quietHours: { ...night, on: false },
  }
  const may = (what: Interruption, some = choices) => mayPush(some, what, seoul('23:00'))
  const news = (type: string): Interruption => ({ kind: 'notification', type })

  test('is chosen by type; what is not in the app is not anywhere else', () => {
    expect([may({ kind: 'message' }), may(news('offer')), may(news('ad')), may(news('spam'))]).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(may({ kind: 'message' }, { ...choices, messages: { push: false } })).toBe(false)
  })

  test('is nothing while it is quiet', () => {
    const quiet = { ...choices, quietHours: night }
    expect([may({ kind: 'message' }, quiet), may(news('offer'), quiet)]).toEqual([false, false])
  })

  test('a type that is called like a method is one like any other', () => {
    expect(channelsOf(choices, 'constructor')).toEqual(choices.notifications)
    const types = JSON.parse('{"toString": {"inApp": false, "push": false}}')
    const parsed = Preferences.parse({ ...choices, types, rev: 0, knownTypes: [] })
    expect(channelsOf(parsed, 'toString')).toEqual({ inApp: false, push: false })
  })
})
