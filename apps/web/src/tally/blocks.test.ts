import type { ConnectionStatus, Tally } from '@tally/client'
import type { Block, UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { Blocks } from './blocks.ts'

const [ann, bea] = ['ann', 'bea'] as UserId[] as [UserId, UserId]
const blockOf = (userId: UserId): Block => ({ userId, name: null, blockedAt: '2026-01-01T00:00:00.000Z' })

/** A server that knows whom one has blocked, and answers when the test lets it. */
function stage(...onServer: UserId[]) {
  const subscribers = new Set<() => void>()
  const there = new Set(onServer)
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = []
  let status: ConnectionStatus = { state: 'live', transport: 'websocket', latencyMs: 6, activeUsers: null }
  const tally: Pick<Tally, 'connection' | 'listBlocks' | 'block' | 'unblock'> = {
    connection: {
      get: () => status,
      subscribe(onChange) {
        subscribers.add(onChange)
        return () => subscribers.delete(onChange)
      },
    },
    async listBlocks() {
      const list = [...there].map(blockOf)
      const { promise, ...settle } = Promise.withResolvers<void>()
      answers.push({ ...settle, resolve: () => settle.resolve() })
      await promise
      return list
    },
    block: async (userId) => void there.add(userId),
    unblock: async (userId) => void there.delete(userId),
  }
  const blocks = new Blocks(tally)
  return {
    blocks,
    answers,
    there,
    known: () => blocks.get() && [...blocks.get()!],
    become(state: ConnectionStatus['state']) {
      status = { ...status, state }
      for (const subscriber of subscribers) subscriber()
    },
  }
}

const soon = { timeout: 10_000 }

test('nothing is known until the server has told; what it could not tell it is asked with the next connection', async () => {
  const { blocks, answers, known, become } = stage(ann)
  const onChange = vi.fn()
  blocks.subscribe(onChange)
  expect(known()).toBe(null)
  answers[0]?.reject(new Error('no network'))
  become('offline')
  become('live')
  expect(answers).toHaveLength(2)
  answers[1]?.resolve()
  await vi.waitFor(() => expect(known()).toEqual([ann]), soon)
  expect(onChange).toHaveBeenCalledTimes(1)
})

test('what is done anywhere on the page shows everywhere, and no older answer undoes it', async () => {
  const { blocks, answers, known } = stage(ann)
  blocks.subscribe(() => {})
  answers[0]?.resolve()
  await vi.waitFor(() => expect(known()).toEqual([ann]), soon)
  const listed = blocks.list()
  await blocks.set(bea, true)
  await blocks.set(ann, false)
  expect(known()).toEqual([bea])
  answers[1]?.resolve()
  expect(await listed).toEqual([blockOf(ann)])
  expect(known()).toEqual([bea])
})

test('what is done before anything is known is asked for', async () => {
  const { blocks, answers, known } = stage(ann)
  blocks.subscribe(() => {})
  await blocks.set(bea, true)
  expect(known()).toBe(null)
  answers[1]?.resolve()
  await vi.waitFor(() => expect(known()).toEqual([ann, bea]), soon)
  answers[0]?.resolve()
  await blocks.set(ann, false)
  expect(known()).toEqual([bea])
})

test('nobody who looks no more makes it ask', () => {
  const { blocks, answers, become } = stage()
  blocks.subscribe(() => {})()
  become('offline')
  become('live')
  expect(answers).toHaveLength(1)
})
