import type { UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { revokeSessions } from '../../src/actions/revoke-sessions.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { tokenOf } from '../../test-support/host.ts'
import { LossyBus } from '../../test-support/lossy-bus.ts'
import { useNodes } from '../../test-support/several-nodes.ts'

const buses: LossyBus[] = []
const nodes = useNodes(2, {
  wrapBus: (bus: Bus) => {
    const lossy = new LossyBus(bus, () => 0)
    buses.push(lossy)
    return lossy
  },
})

function twoNodes() {
  const [one, two] = nodes()
  if (one === undefined || two === undefined) throw new Error('two nodes are needed')
  return { one, two }
}

test('a session that is revoked at one node ends at the other, at once', async () => {
  const { one, two } = twoNodes()
  const ann = await two.signIn('ann')
  await revokeSessions(one.ctx, { userId: 'ann' as UserId })
  expect(await ann.next('force-disconnect')).toEqual({ reason: 'session_revoked' })
})

test('it ends with the touch when word of it got lost; sessions that began after it go on', async () => {
  const { one, two } = twoNodes()
  const [bob, cleo] = [await two.signIn('bob'), await two.signIn('cleo')]
  for (const bus of buses) bus.loss = 1
  await revokeSessions(one.ctx, { userId: 'bob' as UserId })
  await deleteUser(one.ctx, { userId: 'cleo' as UserId })
  for (const bus of buses) bus.loss = 0
  const again = await two.connect()
  // Issued a second later than now: a token names its second only, and the revocation happened within one.
  const token = await two.token('bob', { issuedSecondsAgo: -1 })
  expect(await again.call('authenticate', token)).toMatchObject({ ok: true })

  await touchDevices(two.ctx)
  expect(await bob.next('force-disconnect')).toEqual({ reason: 'session_revoked' })
  expect(await cleo.next('force-disconnect')).toEqual({ reason: 'account_deleted' })
  const ended: string[] = []
  two.ctx.bus.onFrames((frames) => {
    for (const frame of frames) if (frame.kind === 'session-ended') ended.push(frame.userId)
  })
  await touchDevices(two.ctx)
  expect(ended).toEqual([])
  await again.settled()
})

test('a device that is signed out at one node ends at the other, at once; and with the touch when word of it got lost', async () => {
  const { one, two } = twoNodes()
  for (const [person, loss] of [
    ['dan', 0],
    ['eve', 1],
  ] as const) {
    const phone = await tokenOf(person, { jti: 'phone' })
    const computer = await tokenOf(person, { jti: 'computer' })
    await one.ask('PUT', '/v1/devices/phone-0001', { token: phone, body: {} })
    const [onPhone, onComputer] = [await two.connect(), await two.connect()]
    await onPhone.call('authenticate', phone)
    await onComputer.call('authenticate', computer)
    for (const bus of buses) bus.loss = loss
    await one.ask('DELETE', '/v1/devices/phone-0001', { token: computer })
    for (const bus of buses) bus.loss = 0
    if (loss === 1) await touchDevices(two.ctx)
    expect(await onPhone.next('force-disconnect')).toEqual({ reason: 'session_revoked' })
    expect((await two.get('/v1/badge', { token: phone })).body.error.code).toBe('session_revoked')
    await onComputer.settled()
  }
})
