/**
 * The load of the scenario `pairs`: people in rooms of two, connected but outside their room, so that every message is
 * a badge for the other. Runs as a process of its own; its parent tells it what to do and gets one report.
 */
import { io, type Socket } from 'socket.io-client'
import { type Latencies, latencies } from '../measure/percentiles.ts'
import { openLoop } from './open-loop.ts'

export type PairsJob = {
  url: string
  /** Two people and their room each. */
  pairs: { roomId: string; people: [PairPerson, PairPerson] }[]
  perSecond: number
  warmUpSeconds: number
  seconds: number
}

export type PairPerson = { userId: string; token: string }

export type PairsReport = {
  /** From the intended send to the receiver's first room row that counts the message. */
  badge: Latencies
  /** From the intended send to the sender's acknowledgement. */
  ack: Latencies
  sent: number
  acknowledged: number
  /** Messages whose badge never came within the deadline. */
  missing: number
  /** Messages a second that were acknowledged while the load ran. */
  acknowledgedPerSecond: number
  badgeFrames: number
  /** The generator's own share: above 0.8 of one core, or late by more than 50 ms, it limits the run. */
  generatorCpu: number
  worstLagMs: number
  /** The last unread count each receiver saw, to be compared with the truth. */
  lastCounts: { userId: string; roomId: string; unread: number; received: number }[]
}

const SETTLE_DEADLINE_MS = 10_000
const CONNECTS_AT_ONCE = 50

type Receiver = {
  userId: string
  roomId: string
  /** Intended times of the messages to this receiver, in order; the k-th is counted by a row of k. */
  intended: number[]
  seen: number
  unread: number
  measureFrom: number
}

async function run(job: PairsJob): Promise<PairsReport> {
  const badgeMs: number[] = []
  const ackMs: number[] = []
  let [badgeFrames, acknowledged] = [0, 0]
  const receivers = new Map<string, Receiver>()
  const sockets = new Map<string, Socket>()

  const people = job.pairs.flatMap(({ roomId, people }) => people.map((person) => ({ ...person, roomId })))
  for (let index = 0; index < people.length; index += CONNECTS_AT_ONCE) {
    const batch = people.slice(index, index + CONNECTS_AT_ONCE)
    await Promise.all(
      batch.map(async ({ userId, token, roomId }) => {
        const receiver: Receiver = {
          userId,
          roomId,
          intended: [],
          seen: 0,
          unread: 0,
          measureFrom: Number.POSITIVE_INFINITY,
        }
        receivers.set(userId, receiver)
        const socket = await connect(job.url, token)
        socket.on('chat-room-updated', (row: { roomId: string; unread_count: number }) => {
          if (row.roomId !== roomId) return
          badgeFrames += 1
          receiver.unread = row.unread_count
          const nowMs = performance.now()
          for (; receiver.seen < row.unread_count; receiver.seen += 1) {
            const intendedAtMs = receiver.intended[receiver.seen]
            if (intendedAtMs !== undefined && receiver.seen >= receiver.measureFrom)
              badgeMs.push(nowMs - intendedAtMs)
          }
        })
        sockets.set(userId, socket)
      }),
    )
  }

  const send =
    (measured: boolean) =>
    (index: number, intendedAtMs: number): void => {
      const pair = job.pairs[index % job.pairs.length]
      if (pair === undefined) throw new Error('there are no pairs')
      const [from, to] =
        Math.floor(index / job.pairs.length) % 2 === 0 ? pair.people : pair.people.toReversed()
      if (from === undefined || to === undefined) throw new Error('a pair has two people')
      receivers.get(to.userId)?.intended.push(intendedAtMs)
      const message = {
        roomId: pair.roomId,
        message: `message ${index} to ${to.userId}`,
        clientId: `c${index}-${intendedAtMs}`,
      }
      sockets.get(from.userId)?.emit('send-message', message, (answer: { ok: boolean }) => {
        if (!answer.ok || !measured) return
        acknowledged += 1
        ackMs.push(performance.now() - intendedAtMs)
      })
    }

  await openLoop({ perSecond: job.perSecond, seconds: job.warmUpSeconds }, send(false))
  for (const receiver of receivers.values()) receiver.measureFrom = receiver.intended.length
  badgeFrames = 0
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  const { worstLagMs } = await openLoop({ perSecond: job.perSecond, seconds: job.seconds }, send(true))
  const tookMs = performance.now() - startedMs
  const cpu = process.cpuUsage(cpuBefore)
  const acknowledgedPerSecond = (acknowledged * 1_000) / tookMs
  await settled(receivers)
  for (const socket of sockets.values()) socket.disconnect()
  const all = [...receivers.values()]
  return {
    badge: latencies(badgeMs),
    ack: latencies(ackMs),
    sent: Math.round(job.perSecond * job.seconds),
    acknowledged,
    missing: all.reduce(addMissing, 0),
    acknowledgedPerSecond,
    badgeFrames,
    generatorCpu: (cpu.user + cpu.system) / 1_000 / tookMs,
    worstLagMs,
    lastCounts: all.map(lastCount),
  }
}

function addMissing(sum: number, { intended, seen }: Receiver): number {
  return sum + intended.length - seen
}

function lastCount({ userId, roomId, unread, intended }: Receiver): PairsReport['lastCounts'][number] {
  return { userId, roomId, unread, received: intended.length }
}

/** Connects as an installed app does and waits until the server knows who it is. */
function connect(url: string, token: string): Promise<Socket> {
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false })
  return new Promise((resolve, reject) => {
    socket.on('connect', () => socket.emit('authenticate', token))
    socket.on('authenticated', () => resolve(socket))
    socket.on('auth-error', (error: { message: string }) => reject(new Error(error.message)))
    socket.on('connect_error', reject)
  })
}

/** Waits for the badges that are still on their way, but not for ever: what does not come is reported as missing. */
async function settled(receivers: ReadonlyMap<string, Receiver>): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_DEADLINE_MS
  const waiting = (): boolean => [...receivers.values()].some(({ intended, seen }) => seen < intended.length)
  while (waiting() && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

process.once('message', (job: PairsJob) => {
  run(job).then(
    (report) => process.send?.({ report }, () => process.exit(0)),
    (error: unknown) => process.send?.({ error: String(error) }, () => process.exit(1)),
  )
})
