import type { RoomId, UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { createShares } from '../../src/actions/database-shares.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { fromNth, holdStatements } from '../../test-support/held-database.ts'
import { useNodes } from '../../test-support/several-nodes.ts'
import type { TestTally } from '../../test-support/test-tally.ts'

const WITHIN = { timeout: 15_000, interval: 20 }

const nodes = useNodes(2)

/** A removal by the host that is done in the database, and told to nobody before `tell`. */
async function removedUntold({ ctx }: TestTally, roomId: RoomId, userId: string) {
  const { db, reached, open } = holdStatements(ctx.db, fromNth(1, 'remove_member'), { after: true })
  const node = { ...ctx, db, ...createShares(db, { databaseConnections: 10 }) }
  const removing = removeMember(node, null, { roomId, userId: userId as UserId })
  await reached
  return {
    tell: () => {
      open()
      return removing
    },
  }
}

const comeBack = (tally: TestTally, roomId: string, userId: string) =>
  tally.ask('POST', `/v1/rooms/${roomId}/members`, { server: true, body: { userIds: [userId] } })

test('word of a removal that comes after the return silences nobody who came back', async () => {
  const [one, other] = nodes() as [TestTally, TestTally]
  const roomId = (await one.room('ann', 'ben')) as RoomId
  const removal = await removedUntold(one, roomId, 'ben')
  expect((await comeBack(one, roomId, 'ben')).status).toBeLessThan(300)
  const ben = await other.signIn('ben')
  expect(await ben.call('join-room', { roomId })).toMatchObject({ ok: true })
  await removal.tell()
  await touchDevices(other.ctx)

  await one.send('ann', roomId, 'welcome back')
  await expect
    .poll(() => ben.all('new-message').map(({ message }) => message), WITHIN)
    .toEqual(['welcome back'])
  // It is open, and so counts for nothing.
  expect(await one.badge('ben')).toMatchObject({ total: 0 })
}, 40_000)

test('nor whoever joins the room anew at that moment', async () => {
  const [one, other] = nodes() as [TestTally, TestTally]
  const roomId = (await one.room('eli', 'fay')) as RoomId
  const fay = await other.signIn('fay')
  expect(await fay.call('join-room', { roomId })).toMatchObject({ ok: true })
  const removal = await removedUntold(one, roomId, 'fay')
  expect((await comeBack(one, roomId, 'fay')).status).toBeLessThan(300)

  const { visits } = other.ctx
  const ask = visits.ask.bind(visits)
  const [opened, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  vi.spyOn(visits, 'ask').mockImplementationOnce(async (visit) => {
    const answer = await ask(visit)
    opened.resolve()
    await gate.promise
    return answer
  })
  const joining = fay.call('join-room', { roomId })
  await opened.promise
  const heard = new Promise<void>((resolve) => {
    other.ctx.bus.onFrames((frames) => {
      if (frames.some(({ kind }) => kind === 'membership-ended')) resolve()
    })
  })
  await removal.tell()
  await heard
  gate.resolve()
  expect(await joining).toMatchObject({ ok: true })
  await one.send('eli', roomId, 'welcome back')
  await expect
    .poll(() => fay.all('new-message').map(({ message }) => message), WITHIN)
    .toEqual(['welcome back'])
  expect(await one.badge('fay')).toMatchObject({ total: 0 })
}, 40_000)

test('what was opened before the removal ends with it, though the person came back meanwhile', async () => {
  const [one, other] = nodes() as [TestTally, TestTally]
  const roomId = (await one.room('cho', 'dan')) as RoomId
  const dan = await other.signIn('dan')
  expect(await dan.call('join-room', { roomId })).toMatchObject({ ok: true })
  const removal = await removedUntold(one, roomId, 'dan')
  expect((await comeBack(one, roomId, 'dan')).status).toBeLessThan(300)
  await removal.tell()
  await one.send('cho', roomId, 'one')
  await expect.poll(() => dan.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN).toBe(1)
  expect(dan.all('new-message')).toEqual([])
}, 40_000)
