import { setTimeout as delay } from 'node:timers/promises'
import type { ClientIds } from '../check/promises.ts'
import { ProcessorShare } from '../measure/processor-share.ts'
import { eventName, type Frame, isEvent, isOk, numberAt, WireSocket } from '../wire/wire-socket.ts'
import { XmppSocket } from '../wire/xmpp-socket.ts'
import { openLoop } from './open-loop.ts'
import { inBatches, type Person } from './people.ts'
import { serveLoad } from './serve-load.ts'

export type Pair = { roomId: string; people: readonly [Person, Person] }

/**
 * People in rooms of two, each connected to one of the servers in turn, so that two servers share every pair. A server at
 * `http:` speaks Socket.IO, one at `xmpp:` XMPP.
 */
export type PairsJob = { urls: readonly string[]; pairs: readonly Pair[] }

export type PairsRate = { perSecond: number; seconds: number }

/** What one generator saw in one step. Times in ms, one per message. */
export type PairsSeen = {
  /** From the intended send to the receiver's first room row that counts the message. */
  badgeMs: Float64Array
  /** When the message of each of them was intended, in ms since 1970. */
  badgeIntendedAtMs: Float64Array
  /** From the intended send to the sender's acknowledgement; none over XMPP, which has none. */
  ackMs: Float64Array
  /** From the intended send to the send. */
  lagMs: Float64Array
  sent: number
  refused: number
  /** Neither acknowledged nor refused in time. */
  unanswered: number
  /** Messages whose badge did not come in time. */
  unseen: number
  badgeFrames: number
  /** Messages acknowledged per second while the load ran; over XMPP, messages that came. */
  acknowledgedPerSecond: number
  /** Of one core. */
  processorShare: number
  /** Where the server says the time of some messages went. */
  timings: PartTimes[]
}

/** In ms: all of it, the generator's lateness, and the parts the server measured. */
export type PartTimes = { totalMs: number; lagMs: number; edgeMs: number; commitMs: number; ledgerMs: number }

/** All that was promised since the load was opened. */
export type PairsPromises = {
  /** What was acknowledged; empty over XMPP, which acknowledges nothing. */
  acknowledged: ClientIds[]
  /** How many messages came. */
  came: number
}

/** What somebody's screen shows at the end, and how many messages were sent to them. */
export type Shown = { userId: string; roomId: string; unread: number; total: number; sentTo: number }

const ROW = eventName('chat-room-updated')
const TOTAL = eventName('total-unread-count-updated')
const UNREAD = Buffer.from('"unread_count":')
const TOTAL_COUNT = Buffer.from('"totalUnreadCount":')
const SETTLE_DEADLINE_MS = 10_000
/** One frame in so many is parsed as a whole, for what it says of its own way: a prime, so that all rooms have a turn. */
const TIMING_EVERY = 23

/** One person's side: what was sent to them, what their screen shows, and what became of what they wrote. */
type Screen = {
  userId: string
  roomId: string
  /** Intended and real times of the messages to this person, in order; the k-th is counted by a row of k. */
  intendedAtMs: number[]
  sentAtMs: number[]
  seen: number
  unread: number
  total: number
  measureFrom: number
  /** How many messages they wrote so far: what they call the next one. */
  written: number
  /** Of these, the numbers of those that were acknowledged. */
  acknowledged: number[]
}

/** A message to the other one of a pair. */
type Outgoing = { roomId: string; to: string; text: string; id: string }

/** What became of the messages of one step so far. */
type Sent = { ackMs: readonly number[]; lagMs: Float64Array; refused: () => number }

/** Somebody's connection, whatever it speaks. */
type Line = {
  /** @param answered told whether it was accepted; never over XMPP. */
  send: (message: Outgoing, answered: (isOk: boolean) => void) => void
  close: () => void
}

/** Every message is a badge for the other one: nobody has the room open, nobody reads. */
export class PairsLoad {
  #pairs: readonly Pair[] = []
  readonly #lines = new Map<string, Line>()
  readonly #screens = new Map<string, Screen>()
  #badgeMs: number[] = []
  #badgeIntendedAtMs: number[] = []
  #timings: PartTimes[] = []
  #badgeFrames = 0
  #isAcknowledged = true
  /** Begins every client id: another load of the same people calls its messages otherwise. */
  readonly #mark = Math.round(performance.timeOrigin + performance.now()).toString(36)

  async open({ urls, pairs }: PairsJob): Promise<void> {
    this.#pairs = pairs
    const people = pairs.flatMap(({ roomId, people }) => people.map((person) => ({ ...person, roomId })))
    await inBatches(people, async ({ userId, token, roomId }, index) => {
      const screen = newScreen(userId, roomId)
      this.#screens.set(userId, screen)
      const url = urls[index % urls.length] ?? ''
      this.#lines.set(userId, await this.#connect({ url, userId, token, screen }))
    })
    this.#isAcknowledged = !urls.some(isXmpp)
  }

  /** The same load, of which nothing is told. */
  async warmUp(rate: PairsRate): Promise<void> {
    await this.step(rate)
  }

  async step(rate: PairsRate): Promise<PairsSeen> {
    for (const screen of this.#screens.values()) screen.measureFrom = screen.intendedAtMs.length
    this.#badgeMs = []
    this.#badgeIntendedAtMs = []
    this.#timings = []
    this.#badgeFrames = 0
    const share = new ProcessorShare()
    const startedMs = performance.now()
    const sent = await this.#send(rate)
    const accepted = this.#isAcknowledged ? sent.ackMs : this.#badgeMs
    const acknowledgedPerSecond = (accepted.length * 1_000) / (performance.now() - startedMs)
    const processorShare = share.get()
    await this.#settle(sent)
    return {
      badgeMs: Float64Array.from(this.#badgeMs),
      badgeIntendedAtMs: Float64Array.from(this.#badgeIntendedAtMs),
      ackMs: Float64Array.from(sent.ackMs),
      lagMs: sent.lagMs,
      sent: sent.lagMs.length,
      refused: sent.refused(),
      unanswered: this.#unanswered(sent),
      unseen: this.#unseen(sent),
      badgeFrames: this.#badgeFrames,
      acknowledgedPerSecond,
      processorShare,
      timings: this.#timings,
    }
  }

  screens(): Shown[] {
    return [...this.#screens.values()].map(({ intendedAtMs, userId, roomId, unread, total }) => {
      return { userId, roomId, unread, total, sentTo: intendedAtMs.length }
    })
  }

  promises(): PairsPromises {
    const screens = [...this.#screens.values()]
    return {
      acknowledged: screens.map(({ roomId, userId: senderId, acknowledged }) => {
        return { roomId, senderId, clientIds: acknowledged.map((number) => this.#clientId(number)) }
      }),
      came: screens.reduce((sum, { seen }) => sum + seen, 0),
    }
  }

  close(): void {
    for (const line of this.#lines.values()) line.close()
  }

  async #connect(seat: { url: string; userId: string; token: string; screen: Screen }): Promise<Line> {
    const { url, userId, token, screen } = seat
    if (isXmpp(url)) {
      // Nobody counts there: the k-th message to come is the k-th unread one.
      return XmppSocket.open({ url, userId, onMessage: () => void this.#count(screen, screen.unread + 1) })
    }
    const onEvent = (frame: Frame): void => this.#show(screen, frame)
    const socket = await WireSocket.open({ url, token, onEvent })
    return {
      send: ({ roomId, text, id }, answered) =>
        socket.request('send-message', { roomId, message: text, clientId: id }, (answer) =>
          answered(isOk(answer)),
        ),
      close: () => socket.close(),
    }
  }

  async #send(rate: PairsRate): Promise<Sent> {
    const ackMs: number[] = []
    let refused = 0
    const lagMs = await openLoop(rate, (index, intendedAtMs) => {
      const { from, to, roomId } = this.#turn(index)
      const screen = this.#screens.get(to.userId)
      const own = this.#screens.get(from.userId)
      if (screen === undefined || own === undefined) throw new Error('somebody is not connected')
      screen.intendedAtMs.push(intendedAtMs)
      screen.sentAtMs.push(performance.now())
      const number = own.written++
      const text = `message ${index} to ${to.userId}`
      const message = { roomId, to: to.userId, text, id: this.#clientId(number) }
      this.#lines.get(from.userId)?.send(message, (isOk) => {
        if (isOk) {
          ackMs.push(performance.now() - intendedAtMs)
          own.acknowledged.push(number)
        } else refused += 1
      })
    })
    return { ackMs, lagMs, refused: () => refused }
  }

  /** What somebody calls the message that they wrote after so many others. */
  #clientId(number: number): string {
    return `${this.#mark}-${number}`
  }

  /** All pairs in turn, and within a pair one after the other. */
  #turn(index: number): { from: Person; to: Person; roomId: string } {
    const pair = this.#pairs[index % this.#pairs.length]
    if (pair === undefined) throw new Error('there are no pairs')
    const [one, other] = pair.people
    const isOdd = Math.floor(index / this.#pairs.length) % 2 === 1
    return { roomId: pair.roomId, from: isOdd ? other : one, to: isOdd ? one : other }
  }

  #show(screen: Screen, frame: Frame): void {
    if (isEvent(frame, ROW)) this.#showRow(screen, frame)
    else if (isEvent(frame, TOTAL)) screen.total = numberAt(frame, TOTAL_COUNT) ?? screen.total
  }

  #showRow(screen: Screen, frame: Frame): void {
    const unread = numberAt(frame, UNREAD)
    if (unread === undefined) return
    const isNews = this.#count(screen, unread)
    if (isNews && this.#badgeFrames % TIMING_EVERY === 0) this.#keepTiming(screen, frame, performance.now())
  }

  /** @returns whether it counts a message that was not counted before. */
  #count(screen: Screen, unread: number): boolean {
    const nowMs = performance.now()
    this.#badgeFrames += 1
    screen.unread = unread
    const isNews = screen.seen < unread
    for (; screen.seen < unread; screen.seen += 1) {
      const intendedAtMs = screen.intendedAtMs[screen.seen]
      if (intendedAtMs === undefined || screen.seen < screen.measureFrom) continue
      this.#badgeMs.push(nowMs - intendedAtMs)
      this.#badgeIntendedAtMs.push(performance.timeOrigin + intendedAtMs)
    }
    return isNews
  }

  /** What the server says of the last message that this row counts. */
  #keepTiming(screen: Screen, { bytes, from, to }: Frame, nowMs: number): void {
    const [, row] = JSON.parse(bytes.toString('utf8', from, to)) as [
      string,
      { timing?: Omit<PartTimes, 'totalMs' | 'lagMs'> },
    ]
    const intendedAtMs = screen.intendedAtMs[screen.seen - 1]
    const sentAtMs = screen.sentAtMs[screen.seen - 1]
    if (row.timing === undefined || intendedAtMs === undefined || sentAtMs === undefined) return
    const { edgeMs, commitMs, ledgerMs } = row.timing
    const parts = { edgeMs, commitMs, ledgerMs }
    this.#timings.push({ totalMs: nowMs - intendedAtMs, lagMs: sentAtMs - intendedAtMs, ...parts })
  }

  /** Waits for the badges and answers that are still on their way, but not for ever. */
  async #settle(sent: Sent): Promise<void> {
    const deadlineMs = performance.now() + SETTLE_DEADLINE_MS
    while (this.#unseen(sent) + this.#unanswered(sent) > 0 && performance.now() < deadlineMs) await delay(20)
  }

  /** Messages that were not refused and whose badge has not come. */
  #unseen({ refused }: Sent): number {
    const due = [...this.#screens.values()].map(({ intendedAtMs, seen }) => intendedAtMs.length - seen)
    return Math.max(0, due.reduce((sum, one) => sum + one, 0) - refused())
  }

  #unanswered({ ackMs, lagMs, refused }: Sent): number {
    return this.#isAcknowledged ? lagMs.length - ackMs.length - refused() : 0
  }
}

function isXmpp(url: string): boolean {
  return url.startsWith('xmpp:')
}

function newScreen(userId: string, roomId: string): Screen {
  return {
    userId,
    roomId,
    intendedAtMs: [],
    sentAtMs: [],
    seen: 0,
    unread: 0,
    total: 0,
    measureFrom: Number.POSITIVE_INFINITY,
    written: 0,
    acknowledged: [],
  }
}

if (import.meta.main) serveLoad(new PairsLoad())
