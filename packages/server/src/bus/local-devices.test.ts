import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { applyToDevices } from './apply-to-devices.ts'
import { LocalDevices } from './local-devices.ts'

const ANN = 'ann' as UserId
const BOB = 'bob' as UserId

test('who waits for a change is woken by their own, and the wait ends with its signal', async () => {
  const devices = new LocalDevices()
  const over = new AbortController()
  const ann = devices.waitForChange({ userId: ANN }, over.signal)
  const bob = devices.waitForChange({ userId: BOB }, over.signal)
  devices.wake(ANN)
  expect(await ann).toBe('changed')
  over.abort()
  expect(await bob).toBe('over')
  expect(await devices.waitForChange({ userId: ANN }, over.signal)).toBe('over')
})

test('a node that stops lets nobody wait, not even who begins after it', async () => {
  const devices = new LocalDevices()
  const { signal } = new AbortController()
  const waiting = devices.waitForChange({ userId: ANN }, signal)
  devices.stopWaiting()
  expect(await waiting).toBe('over')
  expect(await devices.waitForChange({ userId: BOB }, signal)).toBe('over')
})

test('who waits as somebody whose sessions end is told so; another device that takes over ends no wait', async () => {
  const devices = new LocalDevices()
  const { signal } = new AbortController()
  const ended = { kind: 'session-ended', userId: ANN } as const
  const waiting = devices.waitForChange({ userId: ANN }, signal)
  applyToDevices(devices, [{ ...ended, reason: 'signed_in_elsewhere', exceptDeviceId: 'socket:new' }])
  applyToDevices(devices, [{ ...ended, reason: 'session_revoked' }])
  expect(await waiting).toBe('ended')
  const again = devices.waitForChange({ userId: ANN }, signal)
  applyToDevices(devices, [{ ...ended, reason: 'signed_in_elsewhere', exceptDeviceId: 'socket:new' }])
  devices.wake(ANN)
  expect(await again).toBe('changed')
})

test('word of the end of sessions that is late ends no wait that began with a newer token', async () => {
  const devices = new LocalDevices()
  const { signal } = new AbortController()
  const [before, after] = [99, 100].map((issuedAtMs) =>
    devices.waitForChange({ userId: ANN, issuedAtMs }, signal),
  )
  const ended = {
    kind: 'session-ended',
    userId: ANN,
    reason: 'account_deleted',
    issuedBeforeMs: 100,
  } as const
  applyToDevices(devices, [ended])
  expect(await before).toBe('ended')
  devices.wake(ANN)
  expect(await after).toBe('changed')
})
