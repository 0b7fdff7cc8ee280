import { resolveObjectURL } from 'node:buffer'
import type { AttachmentId, ConnectionStatus } from '@tally/client'
import { expect, test, vi } from 'vitest'
import { type CachedFile, FileCache, type FileState } from './file-cache.ts'

const BYTES = 1_000

/** A server whose files are each of so many bytes, and a connection that the test cuts. */
function stage({ keptBytes = 3 * BYTES } = {}) {
  const subscribers = new Set<() => void>()
  const asked: { name: string; signal: AbortSignal | undefined; answer: () => void }[] = []
  let status: ConnectionStatus = { state: 'live', transport: 'websocket', latencyMs: 6, activeUsers: null }
  let isHeld = false
  let isDown = false
  const cache = new FileCache(
    {
      connection: {
        get: () => status,
        subscribe(onChange) {
          subscribers.add(onChange)
          return () => subscribers.delete(onChange)
        },
      },
      async fetch(path, request) {
        const { promise, resolve } = Promise.withResolvers<void>()
        asked.push({ name: path.split('/')[3] ?? '', signal: request?.signal ?? undefined, answer: resolve })
        if (isHeld) await promise
        if (isDown) throw new Error('no network')
        return new Response(new Uint8Array(BYTES))
      },
    },
    { keptBytes },
  )
  return {
    asked,
    hold() {
      isHeld = true
    },
    down(next: boolean) {
      isDown = next
    },
    become(state: ConnectionStatus['state']) {
      status = { ...status, state }
      for (const subscriber of subscribers) subscriber()
    },
    look(name: string) {
      const file = cache.file(name as AttachmentId)
      return { file, leave: file.subscribe(() => {}) }
    },
  }
}

const stateOf = (file: CachedFile) => file.get().state
const until = (file: CachedFile, state: FileState['state']) =>
  vi.waitFor(() => expect(stateOf(file)).toBe(state), { timeout: 10_000 })

async function addressOf(file: CachedFile): Promise<string> {
  await until(file, 'there')
  const state = file.get()
  return state.state === 'there' ? state.url : ''
}
const isGood = (url: string) => resolveObjectURL(url) !== undefined

test('whoever looks at a file does not lose it, however many others are looked at', async () => {
  const { look } = stage()
  const looks = ['a', 'b', 'c', 'd', 'e', 'f'].map(look)
  const urls = await Promise.all(looks.map(({ file }) => addressOf(file)))
  expect(urls.map(isGood)).toEqual([true, true, true, true, true, true])
  // Of those that nobody looks at any more, the last ones are kept, as many as there is room for.
  for (const { leave } of looks) leave()
  expect(urls.map(isGood)).toEqual([false, false, false, true, true, true])
})

test('what is kept is there at once, and what is not is fetched again', async () => {
  const { look, asked } = stage()
  const first = look('a')
  const url = await addressOf(first.file)
  first.leave()
  const second = look('a')
  expect(second.file.get()).toMatchObject({ state: 'there', url })
  second.leave()
  expect(asked).toHaveLength(1)
  for (const name of ['b', 'c', 'd']) {
    const { file, leave } = look(name)
    await addressOf(file)
    leave()
  }
  const third = look('a')
  expect(stateOf(third.file)).toBe('loading')
  expect([await addressOf(third.file), url].map(isGood)).toEqual([true, false])
  expect(asked).toHaveLength(5)
})

test('a few are fetched at once, and what nobody waits for any more is given up', async () => {
  const { look, asked, hold } = stage()
  hold()
  const looks = ['a', 'b', 'c', 'd', 'e', 'f'].map(look)
  const names = () => asked.map(({ name }) => name)
  await vi.waitFor(() => expect(names()).toEqual(['a', 'b', 'c', 'd']), { timeout: 10_000 })
  looks[4]?.leave()
  looks[1]?.leave()
  expect(asked[1]?.signal?.aborted).toBe(true)
  asked[0]?.answer()
  await vi.waitFor(() => expect(names()).toEqual(['a', 'b', 'c', 'd', 'f']), { timeout: 10_000 })
})

test('what could not be had is fetched with the next connection, or when somebody asks', async () => {
  const { look, asked, down, become } = stage()
  down(true)
  become('offline')
  const { file } = look('a')
  await until(file, 'failed')
  become('connecting')
  down(false)
  become('live')
  await until(file, 'there')
  expect(asked).toHaveLength(2)

  down(true)
  const other = look('b').file
  await until(other, 'failed')
  // News of a connection that was there all the time are no reason.
  become('live')
  expect(asked).toHaveLength(3)
  down(false)
  other.retry()
  await until(other, 'there')
})

test('a client that ended keeps nothing that nobody looks at', async () => {
  const { look, become } = stage()
  const [kept, seen] = [look('a'), look('b')]
  const urls = await Promise.all([addressOf(kept.file), addressOf(seen.file)])
  kept.leave()
  expect(urls.map(isGood)).toEqual([true, true])
  become('closed')
  expect(urls.map(isGood)).toEqual([false, true])
  seen.leave()
  expect(urls.map(isGood)).toEqual([false, false])
})
