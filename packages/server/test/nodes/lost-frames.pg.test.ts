import type { RoomId } from '@tally/protocol'
import { expect, test, vi } from 'vitest'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { updateRoom } from '../../src/actions/update-room.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { AppClient } from '../../test-support/app-client.ts'
import { LossyBus } from '../../test-support/lossy-bus.ts'
import { recountAll } from '../../test-support/oracle.ts'
import { useNodes } from '../../test-support/several-nodes.ts'
import { ListeningClient } from '../scenarios/listening-client.ts'
import { Chance, SEED } from '../scenarios/seeded.ts'

const NODES = 3
const STEPS = 250
const WAIT = { timeout: 15_000, interval: 50 }

const chance = new Chance(SEED)
const buses: LossyBus[] = []
const nodes = useNodes(NODES, {
  env: { TALLY_SENDS_PER_SECOND: '100000', TALLY_SEND_BURST: '100000' },
  wrapBus: (bus: Bus) => {
    const lossy = new LossyBus(bus, () => chance.next())
    buses.push(lossy)
    return lossy
  },
})

/** What a device shows of the rooms it has open: every message once, in the order in which they came. */
class Screen {
  readonly texts = new Map<string, string | null>()
  readonly violations: string[] = []

  constructor({ socket }: AppClient) {
    const lastSeq = new Map<string, number>()
    socket.on('new-message', ({ room_id, seq, message }) => {
      if (seq <= (lastSeq.get(room_id) ?? 0)) this.violations.push(`${room_id}: ${seq} again, or too late`)
      lastSeq.set(room_id, seq)
      this.texts.set(`${room_id} ${seq}`, message)
    })
    socket.on('message-updated', ({ room_id, seq, message }) => {
      if (message !== undefined && this.texts.get(`${room_id} ${seq}`) !== null) {
        this.texts.set(`${room_id} ${seq}`, message)
      }
    })
    socket.on('message-deleted', ({ room_id, seq }) => this.texts.set(`${room_id} ${seq}`, null))
  }
}

/** What the database holds, as a screen that was open from the beginning shows it. */
async function stored(): Promise<Map<string, string | null>> {
  const rows = await node(0).ctx.db.query<{ room_id: string; seq: number; text: string | null }>({
    name: 'test-stored',
    text: `select room_id, seq, case when deleted_at is null then text end as text from messages`,
    values: [],
  })
  return new Map(rows.map(({ room_id, seq, text }) => [`${room_id} ${seq}`, text]))
}

function node(index: number) {
  const found = nodes()[index % NODES]
  if (found === undefined) throw new Error('not started')
  return found
}

async function accepted(
  device: AppClient,
  event: 'send-message' | 'edit-message' | 'delete-message',
  payload: object,
) {
  const answer = await device.call(event, payload)
  if (!answer.ok) throw new Error(`${event}: ${JSON.stringify(answer)}`)
  return answer
}

/** Random people on random nodes write, edit and delete; edits and deletions of what is gone are not tried. */
async function chat(writers: readonly AppClient[], rooms: readonly RoomId[]): Promise<void> {
  const written: { roomId: RoomId; seq: number; by: AppClient }[] = []
  for (let step = 0; step < STEPS; step += 1) {
    const old = written.length > 0 && chance.is(0.3) ? chance.below(written.length) : undefined
    const known = old === undefined ? undefined : written[old]
    if (known === undefined || old === undefined) {
      const by = chance.pick(writers)
      const roomId = chance.pick(rooms)
      const sent = await accepted(by, 'send-message', { roomId, message: `text ${step}` })
      if ('message' in sent) written.push({ roomId, seq: sent.message.seq, by })
      continue
    }
    const { by, ...place } = known
    if (chance.is(0.5)) await accepted(by, 'edit-message', { ...place, message: `edited ${step}` })
    else {
      await accepted(by, 'delete-message', place)
      written.splice(old, 1)
    }
  }
}

test(`with one frame in ten lost, every open room and every badge is right after one touch (seed ${SEED})`, async () => {
  const names = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay']
  const rooms = await Promise.all([node(0).room(...names), node(0).room(...names), node(0).room(...names)])
  const watchers = await Promise.all(['ann', 'bob', 'cleo'].map((name, at) => node(at).signIn(name)))
  const listeners = await Promise.all(['dan', 'eve', 'fay'].map((name, at) => node(at).signIn(name)))
  const screens = watchers.map((device) => new Screen(device))
  const lists = await Promise.all(listeners.map((device) => ListeningClient.on(device)))
  for (const device of watchers) {
    for (const roomId of rooms) await device.call('join-room', { roomId, read: false })
  }

  for (const bus of buses) bus.loss = 0.1
  await chat([...watchers, ...listeners], rooms)
  for (const bus of buses) bus.loss = 0
  expect(buses.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(STEPS / 10)

  for (let at = 0; at < NODES; at += 1) await touchDevices(node(at).ctx)
  const truth = await recountAll(node(0).ctx.db)
  const shown = await stored()
  await vi.waitFor(() => {
    for (const screen of screens) expect(visible(screen.texts)).toEqual(visible(shown))
    for (const [at, list] of lists.entries()) {
      const expected = truth.get(['dan', 'eve', 'fay'][at] ?? '')
      expect(list.badge).toMatchObject({
        totalUnreadCount: expected?.total,
        unreadRooms: expected?.unreadRooms,
      })
      expect(list.sum()).toEqual({ total: expected?.total, unreadRooms: expected?.unreadRooms })
    }
    for (const device of watchers) {
      expect(device.all('total-unread-count-updated').at(-1)).toMatchObject({ totalUnreadCount: 0 })
    }
  }, WAIT)
  expect(screens.flatMap(({ violations }) => violations)).toEqual([])
}, 60_000)

test('whoever shows a silent room hears after one touch that it is another one, though word of it was lost', async () => {
  const [host, watcher] = [node(0), node(1)]
  const roomId = await host.room('gus', 'hal')
  const hal = await watcher.signIn('hal')
  await hal.call('join-room', { roomId, read: false })
  for (const bus of buses) bus.loss = 1
  await updateRoom(host.ctx, null, { roomId, metadata: { floor: 3 } })
  for (const bus of buses) bus.loss = 0
  await touchDevices(watcher.ctx)
  await vi.waitFor(() => expect(hal.all('room-changed')).toMatchObject([{ roomId }]), WAIT)
}, 60_000)

/** A deleted message is not on a screen, whether it ever was or not. */
function visible(texts: ReadonlyMap<string, string | null>): [string, string][] {
  const entries = [...texts].filter((entry): entry is [string, string] => entry[1] !== null)
  return entries.toSorted(([one], [other]) => (one < other ? -1 : 1))
}
