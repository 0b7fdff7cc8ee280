import { RequestError } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import { closeRoom } from '../../src/actions/close-room.ts'
import { connectDevice, disconnectDevice } from '../../src/actions/connect-device.ts'
import type { ActionContext } from '../../src/actions/context.ts'
import { openRoom } from '../../src/actions/open-room.ts'
import { readyView } from '../../src/actions/ready-view.ts'
import { setVisibility } from '../../src/actions/set-visibility.ts'
import { putVisits } from '../../src/actions/visits.ts'
import { AskedTogether } from '../../src/store/asked-together.ts'
import type { Statement } from '../../src/store/statement.ts'
import { DATABASES } from '../../test-support/host.ts'
import { useRooms } from './rooms-world.ts'

const read = { read: false }

describe.each(DATABASES)('a device that goes from room to room, on %s', (kind) => {
  const world = useRooms(kind)

  /** Ann's phone, and two rooms of hers. */
  async function phone() {
    const { ctx, person, group } = world()
    const [ann, ben] = [await person('ann'), await person('ben')]
    const rooms = [await group(ann, ben), await group(ann, ben)] as const
    const device = { ...ann, deviceId: `${ann.userId}/phone` }
    await connectDevice(ctx, device)
    const opens = async () => (await readyView(ctx, { userId: ann.userId })).opens
    return { device, rooms, opens }
  }

  test('closes the one and opens the other in one step', async () => {
    const { ctx } = world()
    const { device, rooms, opens } = await phone()
    const [first, next] = rooms
    await openRoom(ctx, device, { roomId: first, ...read })
    const steps = vi.spyOn(ctx.ledger, 'apply')
    await Promise.all([
      closeRoom(ctx, device, { roomId: first }),
      openRoom(ctx, device, { roomId: next, ...read }),
    ])
    // A touch may come at any time; it opens and closes nothing.
    const changes = steps.mock.calls.flatMap(([asked]) =>
      asked.flatMap(({ leases }) => (leases === undefined || leases.length === 0 ? [] : [leases])),
    )
    expect(changes.filter((leases) => leases.some(({ kind }) => kind === 'close'))).toMatchObject([
      [
        { kind: 'close', roomId: first },
        { kind: 'open', roomId: next },
      ],
    ])
    steps.mockRestore()
    expect(await opens()).toEqual([next])
    await disconnectDevice(ctx, device.deviceId)
  })

  test('closes the one though the database does not say how it stands in the other', async () => {
    const { ctx } = world()
    const { device, rooms, opens } = await phone()
    const [first, next] = rooms
    await openRoom(ctx, device, { roomId: first, ...read })
    const node = withDatabase(ctx, () => Promise.reject(new RequestError('storage_unavailable')))
    const [closed, opened] = await Promise.allSettled([
      closeRoom(node, device, { roomId: first }),
      openRoom(node, device, { roomId: next, ...read }),
    ])
    expect([closed.status, opened]).toMatchObject(['fulfilled', { reason: { code: 'storage_unavailable' } }])
    expect(await opens()).toEqual([])
    await disconnectDevice(ctx, device.deviceId)
  })

  test('closes the one while a database that hangs does not say how it stands in the other', async () => {
    const { ctx } = world()
    const { device, rooms, opens } = await phone()
    const [first, next] = rooms
    await openRoom(ctx, device, { roomId: first, ...read })
    const { promise: hanging, resolve: goOn } = Promise.withResolvers<void>()
    const query: typeof ctx.db.query = async <R>(statement: Statement): Promise<R[]> => {
      await hanging
      return ctx.db.query<R>(statement)
    }
    const node = withDatabase(ctx, query)
    const closing = closeRoom(node, device, { roomId: first })
    const opening = openRoom(node, device, { roomId: next, ...read })
    await closing
    expect(await opens()).toEqual([])
    goOn()
    await opening
    expect(await opens()).toEqual([next])
    await disconnectDevice(ctx, device.deviceId)
  })

  test('has none open that is hidden, or gone, before its turn comes', async () => {
    const { ctx } = world()
    const { device, rooms, opens } = await phone()
    const [first, next] = rooms
    const opening = openRoom(ctx, device, { roomId: first, ...read })
    await setVisibility(ctx, device, { visible: false })
    await opening
    expect(await opens()).toEqual([])
    await setVisibility(ctx, device, { visible: true })
    expect(await opens()).toEqual([first])
    const late = openRoom(ctx, device, { roomId: next, ...read })
    await disconnectDevice(ctx, device.deviceId)
    await late
    expect(await opens()).toEqual([])
  })
})

/** A node that asks this instead of the database, of whoever opens a room. */
function withDatabase(ctx: ActionContext, query: ActionContext['db']['query']): ActionContext {
  const db = new Proxy(ctx.db, {
    get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)),
  })
  const visits: ActionContext['visits'] = new AskedTogether((asked) => putVisits({ ...ctx, db }, asked), {
    everyMs: 0,
  })
  return { ...ctx, visits }
}
