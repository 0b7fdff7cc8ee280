import pg from 'pg'
import { Balancer } from '../../../scripts/balancer.ts'
import type { PostgresCluster } from '../../../scripts/postgres-cluster.ts'
import type { DeviceSpec } from '../crowd/crowd-job.ts'
import { CrowdProcess } from '../crowd/crowd-process.ts'
import { API_KEY, deviceOf, devicesOf, makePeople, type PlannedRoom } from './people.ts'
import { Shared } from './shared.ts'
import { World, type WorldOptions } from './world.ts'

const ROOMS_AT_ONCE = 20

export type Surroundings = {
  postgres: PostgresCluster
  /** Makes the rooms at the server and answers their ids, in order. */
  makeRooms?: (url: string, rooms: readonly PlannedRoom[]) => Promise<string[]>
  /** Who is with whom. */
  plan: (userIds: readonly string[]) => PlannedRoom[]
}

let databases = 0

/** Starts the nodes, makes the people and their rooms, and connects every device. */
export async function openWorld(
  options: WorldOptions,
  { postgres, makeRooms = makeRoomsByApi, plan }: Surroundings,
): Promise<World> {
  const world = new World({
    options,
    postgres,
    databaseUrl: await createDatabase(postgres.url),
    shared: await Shared.open(options.kind, options.seed),
    balancer: await Balancer.open(),
  })
  try {
    // The first one alone: it prepares the database.
    await world.addNode()
    await Promise.all(Array.from({ length: options.nodeCount - 1 }, () => world.addNode()))
    await settle(world, { makeRooms, plan })
  } catch (error) {
    await world.close()
    throw error
  }
  return world
}

/** People, their rooms, and their devices. */
async function settle(
  world: World,
  { makeRooms, plan }: Required<Pick<Surroundings, 'makeRooms' | 'plan'>>,
): Promise<void> {
  const { personCount, crowdCount, seed, styles, sleeperCount } = world.options
  const people = await makePeople(personCount)
  const byId = new Map(people.map((person) => [person.userId, person]))
  const rooms = plan(people.map(({ userId }) => userId))
  const roomIds = await makeRooms(world.balancer.url, rooms)
  for (const [index, { userIds }] of rooms.entries()) {
    const roomId = roomIds[index]
    if (roomId !== undefined) for (const userId of userIds) byId.get(userId)?.roomIds.push(roomId)
  }
  world.people = people
  const devices = devicesOf(people, styles).map((device, index): DeviceSpec => {
    // A balancer in this language costs as much as what it leads to: what is many goes around it.
    const node = world.nodes[index % world.nodes.length]
    return device.style === 'lean' ? { ...device, nodeUrl: `http://127.0.0.1:${node?.port}` } : device
  })
  const url = world.balancer.url
  world.crowds = await Promise.all(
    Array.from({ length: crowdCount }, async (_, number) => {
      const own = devices.filter((_, index) => index % crowdCount === number)
      const crowd = await CrowdProcess.start({ url, seed: seed + number, devices: own })
      return { crowd, devices: own }
    }),
  )
  world.sleeperDevices = sleepersOf(world).slice(0, sleeperCount)
  if (sleeperCount > 0) await world.wakeSleepersAt(url)
}

/** A third device for a few who do not look at any room on their others. */
function sleepersOf({ people }: World): DeviceSpec[] {
  return people
    .filter((_, index) => index % 4 === 1)
    .flatMap((person) => {
      const [frontRoomId] = person.roomIds
      const device = deviceOf(person, { style: 'sdk', number: 3 })
      return frontRoomId === undefined ? [] : [{ ...device, frontRoomId }]
    })
}

async function makeRoomsByApi(url: string, rooms: readonly PlannedRoom[]): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < rooms.length; index += ROOMS_AT_ONCE) {
    const made = rooms.slice(index, index + ROOMS_AT_ONCE).map(async ({ key, userIds }) => {
      const answer = await fetch(`${url}/v1/rooms`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
        body: JSON.stringify({ kind: 'group', key, memberIds: userIds }),
      })
      if (!answer.ok) throw new Error(`a room was refused with ${answer.status}: ${await answer.text()}`)
      return ((await answer.json()) as { id: string }).id
    })
    ids.push(...(await Promise.all(made)))
  }
  return ids
}

async function createDatabase(url: string): Promise<string> {
  databases += 1
  const name = `tally_chaos_${databases}`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  const database = new URL(url)
  database.pathname = `/${name}`
  return database.href
}
