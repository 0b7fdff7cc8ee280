import { expect, test } from 'vitest'
import { DueNews } from './due-news.ts'

test('an answer has to count what was there, and what was accepted a while ago', () => {
  const news = new DueNews(3)
  expect(news.at(0)).toBe(3)
  news.accepted(100)
  news.accepted(130)
  expect(news.at(140)).toBe(3)
  expect(news.at(150)).toBe(4)
  expect(news.at(1_000)).toBe(5)
  expect(news.at(1_000)).toBe(5)
})
