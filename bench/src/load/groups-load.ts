import { setTimeout as delay } from 'node:timers/promises'
import { ProcessorShare } from '../measure/processor-share.ts'
import { eventName, type Frame, isEvent, isOk, numberAt, WireSocket } from '../wire/wire-socket.ts'
import { openLoop } from './open-loop.ts'
import { inBatches, type Person } from './people.ts'
import { serveLoad } from './serve-load.ts'

/** Each room has one who talks, its first member, and others who listen without having it open. */
export type GroupsJob = { url: string; rooms: readonly { roomId: string; members: readonly Person[] }[] }

export type GroupsStep = { perSecondAndRoom: number; warmUpSeconds: number; seconds: number }

export type GroupsSeen = {
  /** From the intended send to each receiver's badge: one sample per receiver and message. */
  badgeMs: Float64Array
  lagMs: Float64Array
  sent: number
  /** With those of the warm-up. */
  sentInAll: number
  refused: number
  unseen: number
  /** Receivers' counts that reached a message, per second of the step. */
  deliveriesPerSecond: number
  frames: number
  processorShare: number
}

const ROW = eventName('chat-room-updated')
const UNREAD = Buffer.from('"unread_count":')
const SETTLE_DEADLINE_MS = 10_000

type Talk = {
  roomId: string
  speaker: WireSocket
  intendedAtMs: number[]
  listeners: Listener[]
  measureFrom: number
}
type Listener = { seen: number }

/** One talks, many listen. */
export class GroupsLoad {
  readonly #talks: Talk[] = []
  readonly #sockets: WireSocket[] = []
  #badgeMs: number[] = []
  #frames = 0

  async open({ url, rooms }: GroupsJob): Promise<void> {
    await inBatches(rooms, async ({ roomId, members: [first] }) => {
      if (first === undefined) throw new Error('a room has members')
      const speaker = await WireSocket.open({ url, token: first.token, onEvent: () => {} })
      this.#sockets.push(speaker)
      this.#talks.push({
        roomId,
        speaker,
        intendedAtMs: [],
        listeners: [],
        measureFrom: Number.POSITIVE_INFINITY,
      })
    })
    const byRoom = new Map(this.#talks.map((talk) => [talk.roomId, talk]))
    const listening = rooms.flatMap(({ roomId, members: [, ...others] }) =>
      others.map((person) => ({ talk: byRoom.get(roomId), person })),
    )
    await inBatches(listening, async ({ talk, person: { token } }) => {
      if (talk === undefined) return
      const listener: Listener = { seen: 0 }
      talk.listeners.push(listener)
      const onEvent = (frame: Frame): void => {
        if (isEvent(frame, ROW)) this.#show(talk, listener, frame)
      }
      this.#sockets.push(await WireSocket.open({ url, token, onEvent }))
    })
  }

  async step({ perSecondAndRoom, warmUpSeconds, seconds }: GroupsStep): Promise<GroupsSeen> {
    const perSecond = perSecondAndRoom * this.#talks.length
    const warmUp = await this.#send({ perSecond, seconds: warmUpSeconds })
    for (const talk of this.#talks) talk.measureFrom = talk.intendedAtMs.length
    this.#badgeMs = []
    this.#frames = 0
    const share = new ProcessorShare()
    const startedMs = performance.now()
    const { lagMs, refused } = await this.#send({ perSecond, seconds })
    const deliveriesPerSecond = (this.#badgeMs.length * 1_000) / (performance.now() - startedMs)
    const processorShare = share.get()
    const unseen = await this.#settle()
    return {
      badgeMs: Float64Array.from(this.#badgeMs),
      lagMs,
      sent: lagMs.length,
      sentInAll: lagMs.length + warmUp.lagMs.length,
      refused: refused(),
      unseen,
      deliveriesPerSecond,
      frames: this.#frames,
      processorShare,
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
  }

  async #send(rate: {
    perSecond: number
    seconds: number
  }): Promise<{ lagMs: Float64Array; refused: () => number }> {
    let refused = 0
    const lagMs = await openLoop(rate, (index, intendedAtMs) => {
      const talk = this.#talks[index % this.#talks.length]
      if (talk === undefined) return
      talk.intendedAtMs.push(intendedAtMs)
      const message = {
        roomId: talk.roomId,
        message: `message ${index}`,
        clientId: `${index}-${intendedAtMs}`,
      }
      talk.speaker.request('send-message', message, (answer) => {
        if (!isOk(answer)) refused += 1
      })
    })
    return { lagMs, refused: () => refused }
  }

  #show({ intendedAtMs, measureFrom }: Talk, listener: Listener, frame: Frame): void {
    const unread = numberAt(frame, UNREAD)
    if (unread === undefined) return
    this.#frames += 1
    const nowMs = performance.now()
    for (; listener.seen < unread; listener.seen += 1) {
      const intended = intendedAtMs[listener.seen]
      if (intended !== undefined && listener.seen >= measureFrom) this.#badgeMs.push(nowMs - intended)
    }
  }

  /** @returns how many badges never came. */
  async #settle(): Promise<number> {
    const deadlineMs = performance.now() + SETTLE_DEADLINE_MS
    const unseen = (): number =>
      this.#talks.reduce(
        (sum, { intendedAtMs, listeners }) =>
          sum + listeners.reduce((missing, { seen }) => missing + intendedAtMs.length - seen, 0),
        0,
      )
    while (unseen() > 0 && performance.now() < deadlineMs) await delay(50)
    return unseen()
  }
}

if (import.meta.main) serveLoad(new GroupsLoad())
