import type { UserId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { connectDevice, disconnectDevice } from '../../src/actions/connect-device.ts'
import type { Caller } from '../../src/actions/context.ts'
import type { DeviceId } from '../../src/core/ledger-step.ts'
import { useRooms } from './rooms-world.ts'

const world = useRooms('pglite')

let devices = 0
const deviceOf = (caller: Caller): Caller & { deviceId: DeviceId } => {
  devices += 1
  return { ...caller, deviceId: `device-${devices}` }
}

/** How often the ledger was asked for each thing while something ran. */
async function asked(run: () => Promise<unknown>): Promise<Record<string, number>> {
  const { ledger } = world().ctx
  const names = ['apply', 'read', 'beginWarm', 'finishWarm'] as const
  const spies = names.map((name) => vi.spyOn(ledger, name))
  await run()
  // A step for nobody is no question.
  const counts = names.map((name, index) => {
    const calls = spies[index]?.mock.calls ?? []
    return [name, calls.filter(([some]) => some.length > 0).length] as const
  })
  for (const spy of spies) spy.mockRestore()
  return Object.fromEntries(counts)
}

async function nodesOf(userId: UserId): Promise<readonly string[]> {
  const [view] = await world().ctx.ledger.read([{ userId }])
  return view?.state === 'ready' ? view.nodes : []
}

test('people who come at once and are cold ask the ledger three times in all, and each gets a badge', async () => {
  const { ctx, person, group, send } = world()
  const [ann, bob, cid] = [await person('ann'), await person('bob'), await person('cid')]
  await send(ann, await group(ann, bob, cid), 'one')
  const people = [ann, bob, cid]
  await ctx.ledger.drop(people.map(({ userId }) => userId))
  const badges: unknown[] = []
  const counts = await asked(async () => {
    badges.push(...(await Promise.all(people.map((caller) => connectDevice(ctx, deviceOf(caller))))))
  })
  expect(counts).toEqual({ apply: 1, read: 0, beginWarm: 1, finishWarm: 1 })
  expect(badges).toMatchObject([{ total: 0 }, { total: 1 }, { total: 1 }])
  for (const { userId } of people) expect(await nodesOf(userId)).toEqual([ctx.bus.nodeId])
})

test('a second device of somebody who is here asks once', async () => {
  const { ctx, person } = world()
  const ann = await person('ann')
  await connectDevice(ctx, deviceOf(ann))
  const counts = await asked(() => connectDevice(ctx, deviceOf(ann)))
  expect(counts).toEqual({ apply: 1, read: 0, beginWarm: 0, finishWarm: 0 })
})

test('a device that is gone before its turn leaves no lease behind', async () => {
  const { ctx, person } = world()
  const ann = await person('ann')
  const [stays, goes] = [deviceOf(ann), deviceOf(ann)]
  await connectDevice(ctx, stays)
  await disconnectDevice(ctx, stays.deviceId)
  const connected = connectDevice(ctx, goes)
  await disconnectDevice(ctx, goes.deviceId)
  expect(await connected).toBeNull()
  expect(await nodesOf(ann.userId)).toEqual([])
})

test('a device that comes while its person is being warmed by another node is found there when they are ready', async () => {
  const { ctx, person } = world()
  const ann = await person('ann')
  const { userId } = ann
  await ctx.ledger.drop([userId])
  const [warm = 0] = await ctx.db
    .query<{ warm: number }>({ name: '', text: `select nextval('ledger_warm') as warm`, values: [] })
    .then((rows) => rows.map((row) => Number(row.warm)))
  await ctx.ledger.beginWarm([{ userId, warm }])
  const connected = connectDevice(ctx, deviceOf(ann))
  await ctx.ledger.finishWarm([{ userId, warm, registers: [] }])
  expect(await connected).toMatchObject({ total: 0 })
  expect(await nodesOf(userId)).toEqual([ctx.bus.nodeId])
})
