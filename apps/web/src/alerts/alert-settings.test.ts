import type { Interruption, Preferences } from '@tally/client/extras'
import { expect, test } from 'vitest'
import { DEFAULT_ALERTS, mayShow, maySound } from './alert-settings.ts'

const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6]
const preferences: Preferences = {
  messages: { push: true },
  notifications: { inApp: true, push: true },
  types: { ad: { inApp: true, push: false } },
  quietHours: { on: true, from: '22:00', to: '08:00', timeZone: 'Asia/Seoul', days: ALL_DAYS },
  rev: 1,
  knownTypes: [],
}
const seoul = (time: string) => new Date(`2026-03-02T${time}:00+09:00`)
const message: Interruption = { kind: 'message' }
const news = (type: string): Interruption => ({ kind: 'notification', type })

test('a sound is of this browser, by kind, and keeps the quiet hours', () => {
  const settings = { ...DEFAULT_ALERTS, sound: { messages: true, news: false } }
  const may = (what: Interruption, time: string) => maySound(settings, { preferences, what, at: seoul(time) })
  expect([may(message, '12:00'), may(news('offer'), '12:00'), may(message, '23:00')]).toEqual([
    true,
    false,
    false,
  ])
})

test('a notification of the system needs this browser and the person, type by type', () => {
  const may = (what: Interruption, time: string, desktop = true) =>
    mayShow({ ...DEFAULT_ALERTS, desktop }, { preferences, what, at: seoul(time) })
  expect([may(message, '12:00'), may(news('offer'), '12:00'), may(news('ad'), '12:00')]).toEqual([
    true,
    true,
    false,
  ])
  expect([may(message, '23:00'), may(message, '12:00', false)]).toEqual([false, false])
})
