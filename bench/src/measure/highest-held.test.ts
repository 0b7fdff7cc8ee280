import { expect, test } from 'vitest'
import { highestHeld } from './highest-held.ts'

const COUNT = 22

test('finds the last one that holds from every guess, and asks about none twice', async () => {
  for (let last = -1; last < COUNT; last += 1) {
    for (let guess = 0; guess < COUNT; guess += 1) {
      const asked: number[] = []
      const holds = async (index: number): Promise<boolean> => {
        asked.push(index)
        return index <= last
      }
      expect(await highestHeld({ count: COUNT, guess }, holds)).toBe(last)
      expect(new Set(asked).size, `${asked}`).toBe(asked.length)
      expect(asked.length).toBeLessThanOrEqual(9)
    }
  }
})

test('a guess that is right costs two looks', async () => {
  let looks = 0
  const holds = async (index: number): Promise<boolean> => {
    looks += 1
    return index <= 7
  }
  await highestHeld({ count: COUNT, guess: 7 }, holds)
  expect(looks).toBe(2)
})
