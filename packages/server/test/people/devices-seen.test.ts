import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { DevicesSeen } from '../../src/actions/devices-seen.ts'
import type { SignIn } from '../../src/core/sign-in.ts'

test('while the database is away no more is kept than a bound, and who was left out is written the next time', async () => {
  let isAway = true
  const written = new Set<SignIn>()
  const seen = new DevicesSeen({
    connected: { *signIns() {} },
    write: async (some) => {
      if (isAway) throw new Error('the database is away')
      for (const { signIn } of some) written.add(signIn)
    },
    nowMs: () => 0,
  })
  const note = (number: number) =>
    seen.note({ userId: 'kim' as UserId, signIn: `sign-in ${number}` as SignIn })
  for (let number = 0; number < 50_010; number += 1) note(number)
  await expect(seen.flush()).rejects.toThrow('away')
  isAway = false
  await seen.flush()
  expect(written.size).toBe(50_000)
  note(50_005)
  note(3)
  await seen.flush()
  expect(written.size).toBe(50_001)
})

test('who is noted while others are written is written next', async () => {
  const { promise: written, resolve: finish } = Promise.withResolvers<void>()
  const said: SignIn[] = []
  const seen = new DevicesSeen({
    connected: { *signIns() {} },
    write: async (some) => {
      said.push(...some.map(({ signIn }) => signIn))
      await written
    },
    nowMs: () => 0,
  })
  const note = (signIn: string) => seen.note({ userId: 'kim' as UserId, signIn: signIn as SignIn })
  note('phone')
  const flushing = seen.flush()
  note('tablet')
  finish()
  await flushing
  expect(said).toEqual(['phone', 'tablet'])
})
