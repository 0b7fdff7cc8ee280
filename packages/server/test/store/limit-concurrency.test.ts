import { expect, test } from 'vitest'
import { limitConcurrency } from '../../src/store/limit-concurrency.ts'

test('limited work runs in the order it came, never more at once than there are places', async () => {
  const limit = limitConcurrency(2)
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const events: string[] = []
  const works = gates.map((gate, index) =>
    limit(async () => {
      events.push(`begin ${index}`)
      await gate.promise
      if (index === 1) throw new Error('failed')
      return index
    }),
  )
  const settled = Promise.allSettled(works)
  expect(events).toEqual(['begin 0', 'begin 1'])
  gates[1]!.resolve()
  await works[1]!.catch(() => {})
  await Promise.resolve()
  expect(events).toEqual(['begin 0', 'begin 1', 'begin 2'])
  for (const gate of gates) gate.resolve()
  await settled
  expect(events).toEqual(['begin 0', 'begin 1', 'begin 2', 'begin 3', 'begin 4'])
})

test('of limited work only so much waits, and what is refused is told when to come back', async () => {
  const limit = limitConcurrency(1, { maxWaiting: 1 })
  const gate = Promise.withResolvers<void>()
  const accepted = [limit(() => gate.promise), limit(() => gate.promise)]
  const refused = await limit(() => gate.promise).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'overloaded', retryAfterMs: expect.any(Number) })
  gate.resolve()
  await Promise.all(accepted)
  await limit(async () => {})
})
