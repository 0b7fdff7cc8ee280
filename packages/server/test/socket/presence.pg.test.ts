import type { UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { createRoom } from '../../src/actions/create-room.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { DATABASES } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('presence, on %s', (kind) => {
  const tally = useTally(kind)

  const pair = (...memberIds: string[]) =>
    createRoom(tally().ctx, null, { kind: 'direct', memberIds: memberIds as UserId[], history: 'none' })

  test('a device is told who is here when it comes, the others that somebody came', async () => {
    await pair('ann', 'bob')
    await pair('ann', 'cleo')
    const ann = await tally().signIn('ann')
    const bob = await tally().signIn('bob')
    expect(await bob.next('presence')).toEqual({ userId: 'ann', online: true, lastSeenAt: null })
    expect(await ann.next('presence')).toEqual({ userId: 'bob', online: true, lastSeenAt: null })
    const second = await tally().signIn('bob')
    expect(await second.next('presence')).toEqual({ userId: 'ann', online: true, lastSeenAt: null })

    const cleo = await tally().signIn('cleo')
    await ann.next('presence', ({ userId }) => userId === 'cleo')
    await cleo.next('presence', ({ userId }) => userId === 'ann')
    expect(ann.all('presence').map(({ userId }) => userId)).toEqual(['bob', 'cleo'])
    expect(cleo.all('presence').map(({ userId }) => userId)).toEqual(['ann'])
  })

  test('somebody is away when the last device went, and who comes later is told since when', async () => {
    await pair('dan', 'eve')
    const dan = await tally().signIn('dan')
    const [phone, tablet] = [await tally().signIn('eve'), await tally().signIn('eve')]
    await dan.next('presence', ({ online }) => online)
    const before = new Date().toISOString()
    phone.close()
    tablet.close()
    const away = await dan.next('presence', ({ online }) => !online)
    expect(away).toMatchObject({ userId: 'eve', online: false })
    expect(Date.parse(away.lastSeenAt ?? '')).toBeGreaterThanOrEqual(Date.parse(before))
    expect(dan.all('presence').map(({ online }) => online)).toEqual([true, false])
    const later = await tally().signIn('dan')
    expect(await later.next('presence')).toEqual(away)
  })

  test('two people who are here when a room of theirs is made see each other at once', async () => {
    const [fay, gus] = [await tally().signIn('fay'), await tally().signIn('gus')]
    await pair('fay', 'gus')
    expect(await fay.next('presence')).toEqual({ userId: 'gus', online: true, lastSeenAt: null })
    expect(await gus.next('presence')).toEqual({ userId: 'fay', online: true, lastSeenAt: null })
  })

  test('and so does somebody who comes back into a room, and the one who stayed', async () => {
    const { id } = await pair('hal', 'ida')
    await removeMember(tally().ctx, { userId: 'hal' as UserId }, { roomId: id, userId: 'hal' as UserId })
    const [hal, ida] = [await tally().signIn('hal'), await tally().signIn('ida')]
    const created = await tally().post('/v1/rooms', {
      as: 'hal',
      body: { kind: 'direct', memberIds: ['ida'] },
    })
    expect(created.body).toMatchObject({ id })
    expect(await hal.next('presence')).toMatchObject({ userId: 'ida', online: true })
    expect(await ida.next('presence')).toMatchObject({ userId: 'hal', online: true })
  })
})
