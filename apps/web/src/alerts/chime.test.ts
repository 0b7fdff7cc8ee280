import { afterEach, expect, test, vi } from 'vitest'
import { soundOnce } from './chime.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('tabs that hear of the same thing sound once, and again for the next', async () => {
  vi.useFakeTimers()
  // What is there of Node is the browser's: the same locks for everybody.
  vi.stubGlobal('navigator', { locks: navigator.locks })
  const sounded: string[] = []
  const tabs = (what: string) => {
    for (const tab of ['a', 'b', 'c']) soundOnce(what, () => sounded.push(`${what}/${tab}`))
  }
  tabs('room')
  tabs('other')
  await vi.waitFor(() => expect(sounded).toEqual(['room/a', 'other/a']), { timeout: 15_000 })
  await vi.advanceTimersByTimeAsync(1_000)
  await vi.waitFor(async () => expect((await navigator.locks.query()).held).toEqual([]), { timeout: 15_000 })
  tabs('room')
  await vi.waitFor(() => expect(sounded).toEqual(['room/a', 'other/a', 'room/a']), { timeout: 15_000 })
})

test('a page that nobody has touched leaves it to one that can be heard', async () => {
  const sound = vi.fn()
  vi.stubGlobal('navigator', { locks: navigator.locks, userActivation: { hasBeenActive: false } })
  soundOnce('untouched', sound)
  vi.stubGlobal('navigator', { locks: navigator.locks, userActivation: { hasBeenActive: true } })
  await new Promise<void>((done) => soundOnce('untouched', done))
  expect(sound).not.toHaveBeenCalled()
})
