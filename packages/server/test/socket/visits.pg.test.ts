import { RequestError, type RoomId, type UserId } from '@tally/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { DATABASES } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('opening and closing a room, on %s', (kind) => {
  const tally = useTally(kind)
  afterEach(() => void vi.restoreAllMocks())

  test('is told to those who have it open: once for a person, however many devices', async () => {
    const roomId = await tally().room('ann', 'bob')
    const ann = await tally().signIn('ann')
    await ann.call('join-room', { roomId })
    const [phone, tablet] = [await tally().signIn('bob'), await tally().signIn('bob')]
    await phone.call('join-room', { roomId })
    await tablet.call('join-room', { roomId })
    const visit = { userId: 'bob', userType: 'user', roomId }
    expect(await ann.next('user-joined')).toEqual(visit)
    await phone.call('leave-room', roomId)
    tablet.close()
    expect(await ann.next('user-left')).toEqual(visit)
    await ann.settled()
    expect(ann.all('user-joined')).toHaveLength(1)
    expect(ann.all('user-left')).toHaveLength(1)
    expect(phone.all('user-joined')).toEqual([])
  })

  test('a device that goes while it joins never comes', async () => {
    const roomId = await tally().room('cleo', 'dan')
    const cleo = await tally().signIn('cleo')
    await cleo.call('join-room', { roomId })
    // Without anything to read, joining reads nothing.
    await cleo.call('send-message', { roomId, message: 'hello' })
    const dan = await tally().signIn('dan')
    const { groups, devices } = tally().ctx
    const { promise: gone, resolve: letGo } = Promise.withResolvers<void>()
    const readHead = groups.readHead.bind(groups)
    const reading = vi.spyOn(groups, 'readHead').mockImplementation(async (item) => {
      const read = await readHead(item)
      await gone
      return read
    })
    dan.emit('join-room', { roomId })
    await vi.waitFor(() => expect(reading).toHaveBeenCalled(), { timeout: 15_000 })
    dan.close()
    await vi.waitFor(() => expect([...devices.users()]).not.toContain('dan'), { timeout: 15_000 })
    letGo()
    await reading.mock.results[0]?.value
    await cleo.settled()
    expect(cleo.all('user-joined')).toEqual([])
  })
  test('a room that is joined again in a moment without the database goes on as it was', async () => {
    const roomId = await tally().room('eve', 'fay')
    const eve = await tally().signIn('eve')
    await eve.call('join-room', { roomId })
    const { visits, devices, ledger } = tally().ctx
    const away = new RequestError('storage_unavailable')
    vi.spyOn(visits, 'ask').mockRejectedValueOnce(away)
    expect(await eve.call('join-room', { roomId })).toMatchObject({ error: { code: 'storage_unavailable' } })
    await tally().send('fay', roomId, 'still here')
    expect(await eve.next('new-message')).toMatchObject({ room_id: roomId })
    expect(devices.of('eve' as UserId)[0]?.rooms.has(roomId as RoomId)).toBe(true)
    const [view] = await ledger.read([{ userId: 'eve' as UserId, rooms: [] }])
    expect(view).toMatchObject({ opens: [roomId] })
  })
})
