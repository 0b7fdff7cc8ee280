import { expect, test } from 'vitest'
import { type AlertSettings, DEFAULT_ALERTS, isQuiet, mayAlert } from './alert-settings.ts'

const at = (time: string) => new Date(`2026-03-02T${time}:00`)

test('quiet hours go over midnight, begin with their first minute and end before their last', () => {
  const night = { on: true, from: '22:00', to: '08:00' }
  const quiet = ['21:59', '22:00', '03:00', '07:59', '08:00', '12:00'].map((time) => isQuiet(night, at(time)))
  expect(quiet).toEqual([false, true, true, true, false, false])
  const lunch = { on: true, from: '12:00', to: '13:00' }
  expect(['11:59', '12:30', '13:00'].map((time) => isQuiet(lunch, at(time)))).toEqual([false, true, false])
  expect(isQuiet({ ...night, on: false }, at('23:00'))).toBe(false)
})

test('each kind interrupts in the ways chosen for it, and in none while it is quiet', () => {
  const settings: AlertSettings = { ...DEFAULT_ALERTS, desktop: { messages: true, news: false } }
  const may = (kind: 'messages' | 'news', time: string, some = settings) =>
    mayAlert(some, { kind, channel: 'desktop', at: at(time) })
  expect([may('messages', '12:00'), may('news', '12:00')]).toEqual([true, false])
  expect(may('messages', '23:00', { ...settings, quiet: { ...settings.quiet, on: true } })).toBe(false)
})
