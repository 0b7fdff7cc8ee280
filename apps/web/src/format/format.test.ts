import { describe, expect, test } from 'vitest'
import { createDayKey, createFormat } from './format.ts'

const now = new Date('2025-08-14T06:00:00Z')
const ko = createFormat('ko', 'Asia/Seoul')
const en = createFormat('en', 'America/New_York')
// ICU separates the time from AM/PM with a narrow space in some versions.
const plain = (text: string) => text.replace(/\u202f/g, ' ')

describe('the time in a list', () => {
  test('is the clock today, in the reader’s zone', () => {
    expect(ko.listTime('2025-08-14T05:41:00Z', now)).toBe('오후 2:41')
    expect(plain(en.listTime('2025-08-14T05:41:00Z', now))).toBe('1:41 AM')
  })
  test('is a word for yesterday, although less than 24 hours passed', () => {
    expect(ko.listTime('2025-08-13T14:59:00Z', now)).toBe('어제')
    expect(en.listTime('2025-08-14T03:59:00Z', now)).toBe('yesterday')
  })
  test('is the date before that, with the year only when it is another', () => {
    expect(ko.listTime('2025-08-02T03:00:00Z', now)).toBe('8월 2일')
    expect(ko.listTime('2024-08-02T03:00:00Z', now)).toBe('2024년 8월 2일')
  })
})

test('a day and a time have the year when it is another', () => {
  expect(ko.dayTime('2025-01-02T03:04:00Z', now)).toBe('1월 2일 오후 12:04')
  expect(ko.dayTime('2024-12-31T14:59:00Z', now)).toBe('2024년 12월 31일 오후 11:59')
})

test('a day line names the weekday, and the year when it is another', () => {
  expect(ko.day('2025-08-14T05:41:00Z', now)).toBe('8월 14일 목요일')
  expect(en.day('2024-08-14T16:00:00Z', now)).toBe('Wednesday, August 14, 2024')
})

test('how long ago never lies in the future, whatever a clock says', () => {
  expect(en.ago('2025-08-14T06:00:30Z', now)).toBe('now')
  expect(en.ago('2025-08-14T05:55:00Z', now)).toBe('5 min. ago')
  expect(ko.ago('2025-08-14T03:00:00Z', now)).toBe('3시간 전')
  expect(ko.ago('2025-08-12T03:00:00Z', now)).toBe('그저께')
})

test('milliseconds have one decimal below a hundred and none above', () => {
  expect(en.ms(4.123)).toBe('4.1')
  expect(en.ms(4)).toBe('4.0')
  expect(en.ms(1204.4)).toBe('1,204')
})

test('two minutes around midnight are two days where the reader is, and one elsewhere', () => {
  const seoul = createDayKey('Asia/Seoul')
  const utc = createDayKey('UTC')
  const [before, after] = ['2025-08-13T14:59:00Z', '2025-08-13T15:01:00Z']
  expect(seoul(before)).not.toBe(seoul(after))
  expect(utc(before)).toBe(utc(after))
})
