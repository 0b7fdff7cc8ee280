import { setTimeout as delay } from 'node:timers/promises'
import type { ClientIds } from '../check/promises.ts'
import { ProcessorShare } from '../measure/processor-share.ts'
import { HttpConnection } from '../wire/http-connection.ts'
import { eventName, type Frame, isEvent, numberAt, textAt, WireSocket } from '../wire/wire-socket.ts'
import { Arrivals } from './arrivals.ts'
import { openLoop } from './open-loop.ts'
import { inBatches, type Person } from './people.ts'
import { serveLoad } from './serve-load.ts'

export type MixRoom = { roomId: string; userIds: readonly string[] }
export type MixJob = { url: string; people: readonly Person[]; rooms: readonly MixRoom[] }

/** What people do. */
export const MIX_ACTIONS = ['send', 'switch', 'scroll', 'check', 'mark', 'reconnect'] as const
export type MixAction = (typeof MIX_ACTIONS)[number]

/** How often each happens per second. */
export type MixStep = { rates: Partial<Record<MixAction, number>>; seconds: number }

export type MixSeen = {
  /** From the intended moment to the answer, by action. */
  tookMs: Partial<Record<MixAction, Float64Array>>
  /** From a send's intended moment to everybody else's first frame that counts or shows it. */
  badgeMs: Float64Array
  lagMs: Float64Array
  /** Refused, or not answered in time. */
  failed: number
  unseen: number
  processorShare: number
}

/** What somebody is told last. */
export type MixShown = { userId: string; total: number }

const ROW = eventName('chat-room-updated')
const TOTAL = eventName('total-unread-count-updated')
const MESSAGE = eventName('new-message')
const KEY = {
  seq: Buffer.from('"seq":'),
  lastSeq: Buffer.from('"last_message_seq":'),
  room: Buffer.from('"roomId":'),
  messageRoom: Buffer.from('"room_id":'),
  total: Buffer.from('"totalUnreadCount":'),
  rev: Buffer.from('"rev":'),
}
const SETTLE_MS = 3_000

type Somebody = {
  person: Person
  rooms: string[]
  http: HttpConnection
  socket: WireSocket | undefined
  /** While the next connection is being made. */
  connecting: Promise<void> | undefined
  open: string | undefined
  total: number
  /** Of that total: frames and answers may be read in another order than they came. */
  rev: number
  turn: number
  /** How many messages they wrote so far: what they call the next one. */
  written: number
  /** By room, what they called those that were acknowledged. */
  acknowledged: Map<string, string[]>
}

type SyncAnswer = { badge: { total: number; rev: number }; rooms: { id: string; seq: number }[] }
type Answer = { ok: boolean; seq?: number; message?: { seq: number } }

/** People as they are: they read, look around, and write now and then. */
export class MixLoad {
  #url = ''
  #people: Somebody[] = []
  readonly #arrivals = new Arrivals()
  readonly #turns = new Map<MixAction, number>()

  async open({ url, people, rooms }: MixJob): Promise<void> {
    this.#url = url
    const roomsOf = new Map<string, string[]>()
    for (const { roomId, userIds } of rooms) {
      this.#arrivals.addRoom(roomId, userIds)
      for (const userId of userIds) roomsOf.set(userId, [...(roomsOf.get(userId) ?? []), roomId])
    }
    this.#people = people.map((person) => ({
      person,
      rooms: roomsOf.get(person.userId) ?? [],
      http: new HttpConnection({ url, token: person.token }),
      socket: undefined,
      connecting: undefined,
      open: undefined,
      total: 0,
      rev: 0,
      turn: 0,
      written: 0,
      acknowledged: new Map(),
    }))
    await inBatches(this.#people, (somebody) => this.#connect(somebody))
  }

  async step({ rates, seconds }: MixStep): Promise<MixSeen> {
    const tookMs: Partial<Record<MixAction, number[]>> = {}
    let done = 0
    this.#arrivals.forget()
    const share = new ProcessorShare()
    const running: Promise<unknown>[] = []
    const lags = await Promise.all(
      MIX_ACTIONS.map(async (action) => {
        const perSecond = rates[action] ?? 0
        if (perSecond === 0) return new Float64Array()
        const times: number[] = []
        tookMs[action] = times
        return openLoop({ perSecond, seconds }, (_, intendedAtMs) => {
          const acted = this.#act(action, intendedAtMs).then(
            () => {
              times.push(performance.now() - intendedAtMs)
              done += 1
            },
            () => {},
          )
          running.push(acted)
        })
      }),
    )
    const processorShare = share.get()
    await Promise.race([Promise.all(running), delay(SETTLE_MS)])
    await this.#arrivals.settle(SETTLE_MS)
    return {
      tookMs: Object.fromEntries(
        Object.entries(tookMs).map(([action, times]) => [action, Float64Array.from(times)]),
      ),
      badgeMs: this.#arrivals.latenciesMs(),
      lagMs: Float64Array.from(lags.flatMap((lag) => [...lag])),
      failed: running.length - done,
      unseen: this.#arrivals.unseen(),
      processorShare,
    }
  }

  /** Everybody closes the room they have open, so that everything unread counts again. */
  async closeRooms(): Promise<void> {
    await inBatches(this.#people, async (somebody) => {
      // All of them: where answers are late, a person opens the next room before the one before it is known to be open.
      for (const roomId of somebody.rooms) await this.#ask(somebody, 'leave-room', { roomId })
      somebody.open = undefined
    })
  }

  shown(): MixShown[] {
    return this.#people.map(({ person: { userId }, total }) => ({ userId, total }))
  }

  /** All that was acknowledged since the load was opened. */
  promises(): ClientIds[] {
    return this.#people.flatMap(({ person: { userId: senderId }, acknowledged }) =>
      [...acknowledged].map(([roomId, clientIds]) => ({ roomId, senderId, clientIds })),
    )
  }

  close(): void {
    for (const { socket, http } of this.#people) {
      socket?.close()
      http.close()
    }
  }

  async #connect(somebody: Somebody): Promise<void> {
    const { token } = somebody.person
    const onEvent = (frame: Frame): void => this.#show(somebody, frame)
    somebody.socket = await WireSocket.open({ url: this.#url, token, onEvent })
    const answer = await somebody.socket.ask<SyncAnswer>('sync', {})
    this.#tell(somebody, answer.badge)
    const { userId } = somebody.person
    for (const { id: roomId, seq } of answer.rooms) this.#arrivals.saw({ userId, roomId, seq })
  }

  async #reconnect(somebody: Somebody): Promise<void> {
    await somebody.connecting
    somebody.open = undefined
    const old = somebody.socket
    somebody.connecting = this.#connect(somebody).finally(() => {
      somebody.connecting = undefined
    })
    old?.close()
    await somebody.connecting
  }

  /** Everybody in turn, each action with a turn of its own. */
  #next(action: MixAction): Somebody {
    const turn = this.#turns.get(action) ?? 0
    this.#turns.set(action, turn + 1)
    // A stride that shares no divisor with most crowds: actions meet in all combinations.
    const somebody = this.#people[(turn * 7 + MIX_ACTIONS.indexOf(action)) % this.#people.length]
    if (somebody === undefined) throw new Error('there is nobody')
    return somebody
  }

  async #act(action: MixAction, intendedAtMs: number): Promise<void> {
    const somebody = this.#next(action)
    const roomId = somebody.rooms[somebody.turn++ % somebody.rooms.length] ?? ''
    const { userId } = somebody.person
    switch (action) {
      case 'send': {
        const clientId = `${userId}-${somebody.written++}`
        const answer = await this.#ask(somebody, 'send-message', {
          roomId,
          message: `said at ${intendedAtMs}`,
          clientId,
        })
        const acknowledged = somebody.acknowledged.get(roomId) ?? []
        somebody.acknowledged.set(roomId, acknowledged)
        acknowledged.push(clientId)
        this.#arrivals.sent({ roomId, seq: answer.message?.seq ?? 0, senderId: userId, intendedAtMs })
        return
      }
      case 'switch': {
        const left = somebody.open
        somebody.open = roomId
        const leaving = left === undefined ? [] : [this.#ask(somebody, 'leave-room', { roomId: left })]
        // Together, so that no answer is awaited by nobody.
        const [{ seq = 0 }] = await Promise.all([this.#ask(somebody, 'join-room', { roomId }), ...leaving])
        this.#arrivals.saw({ userId, roomId, seq })
        return
      }
      case 'scroll':
        return this.#get(somebody, `/v1/rooms/${roomId}/messages?limit=50`)
      case 'check':
        return this.#get(somebody, '/v1/badge')
      case 'mark':
        await this.#ask(somebody, 'mark-read', { roomId })
        return
      case 'reconnect':
        return this.#reconnect(somebody)
    }
  }

  /** A connection that ends meanwhile is one that was closed on purpose: then it is asked again on the next one. */
  async #ask(somebody: Somebody, event: string, payload: unknown): Promise<Answer> {
    await somebody.connecting
    const answer = await this.#askOnce(somebody, event, payload).catch(async (error: unknown) => {
      if (somebody.connecting === undefined) throw error
      await somebody.connecting
      return this.#askOnce(somebody, event, payload)
    })
    if (!answer.ok) throw new Error(`${event} was refused`)
    return answer
  }

  #askOnce({ socket }: Somebody, event: string, payload: unknown): Promise<Answer> {
    return socket === undefined
      ? Promise.reject(new Error('not connected'))
      : socket.ask<Answer>(event, payload)
  }

  async #get({ http }: Somebody, path: string): Promise<void> {
    const { status } = await http.get(path)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
  }

  #tell(somebody: Somebody, { total, rev }: { total: number; rev: number }): void {
    if (rev < somebody.rev) return
    somebody.total = total
    somebody.rev = rev
  }

  #show(somebody: Somebody, frame: Frame): void {
    const { userId } = somebody.person
    if (isEvent(frame, TOTAL)) {
      this.#tell(somebody, { total: numberAt(frame, KEY.total) ?? 0, rev: numberAt(frame, KEY.rev) ?? 0 })
      return
    }
    const isRow = isEvent(frame, ROW)
    if (!isRow && !isEvent(frame, MESSAGE)) return
    const roomId = textAt(frame, isRow ? KEY.room : KEY.messageRoom) ?? ''
    this.#arrivals.saw({ userId, roomId, seq: numberAt(frame, isRow ? KEY.lastSeq : KEY.seq) ?? 0 })
  }
}

if (import.meta.main) serveLoad(new MixLoad())
