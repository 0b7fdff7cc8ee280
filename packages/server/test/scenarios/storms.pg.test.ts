import { afterEach, describe, expect, test } from 'vitest'
import type { AppClient } from '../../test-support/app-client.ts'
import { DEPLOYMENTS, useDeployment } from '../../test-support/deployments.ts'
import { recountAll } from '../../test-support/oracle.ts'
import { World } from './scenario-world.ts'

describe.each(DEPLOYMENTS)('many at once, on %s', (database) => {
  const tally = useDeployment(database)
  afterEach(() => tally().closeClients())
  const world = () => new World(tally())

  test('[1] 1,000 parallel sends by 50 senders into 20 rooms while readers read at random: every badge is the recount', async () => {
    const w = world()
    const people = Array.from({ length: 50 }, (_, index) => `p${index}`)
    const rooms = await Promise.all(
      Array.from({ length: 20 }, (_, index) => w.room(...people.filter((_, at) => (at + index) % 4 !== 0))),
    )
    const members = (room: number) => people.filter((_, at) => (at + room) % 4 !== 0)
    const devices = new Map<string, AppClient>(
      await Promise.all(
        people.map(async (name): Promise<[string, AppClient]> => [name, await w.device(name)]),
      ),
    )
    const random = pseudoRandom(1)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const startedMs = performance.now()
    const work: Promise<unknown>[] = []
    for (let index = 0; index < 1_000; index += 1) {
      const room = index % rooms.length
      const roomId = rooms[room] as string
      const sender = devices.get(pick(members(room))) as AppClient
      work.push(
        accepted(sender, 'send-message', { roomId, message: `message ${index}`, clientId: `c${index}` }),
      )
      if (index % 2 === 0) {
        const reader = devices.get(pick(members(room))) as AppClient
        const upToSeq = random() < 0.5 ? undefined : Math.ceil(random() * 50)
        work.push(accepted(reader, 'mark-read', { roomId, ...(upToSeq === undefined ? {} : { upToSeq }) }))
      }
    }
    await Promise.all(work)
    const tookMs = performance.now() - startedMs
    process.stdout.write(`[1] on ${database}: 1,000 sends and 500 reads in ${Math.round(tookMs)} ms\n`)

    const truth = await recountAll(tally().ctx.db)
    for (const [name, device] of devices) {
      await device.settled()
      const { totalUnreadCount, unreadRooms } = device.all('total-unread-count-updated').at(-1) ?? {}
      const expected = truth.get(w.person(name))
      expect({ name, totalUnreadCount, unreadRooms }).toEqual({
        name,
        totalUnreadCount: expected?.total,
        unreadRooms: expected?.unreadRooms,
      })
    }
    await w.expectExact(...people)
  }, 60_000)

  test('[17] never negative, never NaN: in no frame of a storm of reads, deletes, blocks and marks', async () => {
    const w = world()
    const names = ['a', 'b', 'c', 'd']
    const roomId = await w.room(...names)
    const devices = await Promise.all(names.map((name) => w.device(name)))
    const random = pseudoRandom(2)
    await w.sendMany('b', roomId, 10)
    const steps = Array.from({ length: 200 }, (_, index) => () => {
      const device = devices[index % devices.length] as AppClient
      const seq = Math.ceil(random() * 10)
      const choice = random()
      if (choice < 0.3) return accepted(device, 'send-message', { roomId, message: `storm ${index}` })
      if (choice < 0.6) return accepted(device, 'mark-read', { roomId, upToSeq: seq })
      if (choice < 0.7) return accepted(device, 'mark-unread', { roomId, fromSeq: seq })
      if (choice < 0.8) return w.ask('DELETE', `/v1/rooms/${roomId}/messages/${seq}`)
      return w.ask('PUT', '/v1/blocks', { as: 'a', body: { userId: w.person('b'), blocked: random() < 0.5 } })
    })
    await Promise.all(steps.map((step) => step()))
    for (const device of devices) {
      await device.settled()
      for (const { totalUnreadCount, unreadRooms } of device.all('total-unread-count-updated')) {
        expect(Number.isInteger(totalUnreadCount) && totalUnreadCount >= 0).toBe(true)
        expect(Number.isInteger(unreadRooms) && unreadRooms >= 0).toBe(true)
      }
      for (const { unread_count } of device.all('chat-room-updated')) {
        expect(Number.isInteger(unread_count) && unread_count >= 0).toBe(true)
      }
    }
    await w.expectExact(...names)
  })

  test('[23] a retry minutes later with the same clientId: one message, the original answer; another text: client_id_conflict', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const first = await w.send('a', roomId, 'only once', { clientId: 'retry-1' })
    await w.sendMany('b', roomId, 3)
    await w.ask('PATCH', `/v1/rooms/${roomId}/messages/${first.seq}`, {
      as: 'a',
      body: { text: 'edited since' },
    })
    const again = await w.send('a', roomId, 'only once', { clientId: 'retry-1' })
    expect(again).toMatchObject({ id: first.id, seq: first.seq, createdAt: first.createdAt })
    const conflict = await tally().request('POST', `/v1/rooms/${roomId}/messages`, {
      as: w.person('a'),
      body: { text: 'something else', clientId: 'retry-1' },
    })
    expect([conflict.status, conflict.body.error.code]).toEqual([409, 'client_id_conflict'])
    // Somebody else's clientId is nobody's business: names are per sender.
    const others = await w.send('b', roomId, 'mine', { clientId: 'retry-1' })
    expect(others.id).not.toBe(first.id)
    await w.expectExact('a', 'b')
  })

  test('[24] 100 parallel sends with one clientId: one message, one tally, no hole in seq', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const device = await w.device('a')
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        device.call('send-message', { roomId, message: 'many times', clientId: 'the-same' }),
      ),
    )
    const ids = new Set(answers.map((answer) => (answer.ok ? answer.message.id : answer.error.code)))
    expect(ids.size).toBe(1)
    const next = await w.send('a', roomId, 'the next')
    expect(next.seq).toBe(2)
    expect(await w.total('b')).toBe(2)
    await w.expectExact('a', 'b')
  })

  test('[30] a burst of 100 messages: the first badge at once, at most a handful of frames, the last one exact', async () => {
    const w = world()
    const roomId = await w.room('a', 'b')
    const receiver = await w.device('a')
    const sender = await w.device('b')
    receiver.forget()
    const startedAtMs = performance.now()
    const sends = Array.from({ length: 100 }, (_, index) =>
      accepted(sender, 'send-message', { roomId, message: `burst ${index}` }),
    )
    // The first one leaves before the burst is over.
    await receiver.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount > 0)
    await Promise.all(sends)
    await receiver.settled()
    expect(receiver.all('total-unread-count-updated').at(-1)?.totalUnreadCount).toBe(100)
    // One at once and one per 40 ms, however long this machine took.
    const handful = Math.max(6, 2 + (performance.now() - startedAtMs) / 40)
    expect(receiver.all('total-unread-count-updated').length).toBeLessThanOrEqual(handful)
    expect(receiver.all('chat-room-updated').length).toBeLessThanOrEqual(handful)
    await w.expectExact('a', 'b')
  })
})

async function accepted(
  device: AppClient,
  event: 'send-message' | 'mark-read' | 'mark-unread',
  payload: object,
) {
  // No deadline of its own: in a storm the last answer takes as long as the storm, which the test's own time bounds.
  const answer: { ok: boolean; error?: unknown } = await device.socket.emitWithAck(event, payload)
  if (!answer.ok) throw new Error(`${event} was refused: ${JSON.stringify(answer.error)}`)
  return answer
}

/** A generator of numbers in [0, 1) that gives the same ones every time. */
function pseudoRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
