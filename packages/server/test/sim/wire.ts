import {
  type ClientEventInput,
  type ClientEventName,
  type ClientEventResult,
  RequestError,
  type RoomId,
  requestErrorFrom,
  type ServerEventName,
  type ServerEventPayload,
  type WireUser,
} from '@tally/protocol'
import type { Socket } from 'socket.io'
import type { ProviderListener, RealtimeProvider } from '../../../client/src/provider.ts'
import { Connection } from '../../src/edges/socket/connection.ts'
import { DirectWriter } from '../../src/edges/socket/direct-writer.ts'
import { Session } from '../../src/edges/socket/session.ts'
import type { Chance } from '../scenarios/seeded.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { VirtualTime } from './virtual-time.ts'

export type WireOptions = {
  readonly id: string
  readonly time: VirtualTime
  readonly chance: Chance
  readonly listener: ProviderListener
  /** A node that lets it in, if there is any and the device has a network. */
  readonly findNode: () => SimulatedNode | undefined
  readonly onEnd: (wire: Wire) => void
}

type Answer = { ok: true } | { ok: false; error: unknown }

const ACKNOWLEDGED_WITHIN_MS = 10_000
/** How long each end takes to see that the other one is gone, when it was not told. */
const NOTICED_AFTER_MS = 25_000

/** One connection of a device: in order each way, until it breaks. At its other end a real session. */
export class Wire implements RealtimeProvider {
  readonly transport = 'websocket'
  readonly #options: WireOptions
  readonly #waiting = new Set<(error: RequestError) => void>()
  #node: SimulatedNode | undefined
  #session: Session | undefined
  #isOver = false
  /** Nobody tells the other end that it is over. */
  #isSilent = false
  #upAtMs = 0
  #downAtMs = 0

  constructor(options: WireOptions) {
    this.#options = options
  }

  get node(): SimulatedNode | undefined {
    return this.#node
  }

  async connect(token: string): Promise<WireUser> {
    const { time, findNode } = this.#options
    await time.wait(this.#latencyMs())
    const node = findNode()
    if (node === undefined || this.#isOver) throw new RequestError('unavailable')
    this.#node = node
    this.#session = new Session(this.#connection(node), node.services)
    return this.authenticate(token)
  }

  async authenticate(token: string): Promise<WireUser> {
    return (await this.#request('authenticate', { token })).user
  }

  subscribe(roomId: RoomId): Promise<ClientEventResult<'join-room'>> {
    return this.send('join-room', { roomId, read: false })
  }

  async unsubscribe(roomId: RoomId): Promise<void> {
    await this.send('leave-room', { roomId })
  }

  send<E extends ClientEventName>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    return this.#request(event, payload)
  }

  close(): void {
    this.#end({ noticedAfterMs: this.#isSilent ? NOTICED_AFTER_MS : this.#latencyMs() })
  }

  /** The network breaks: this end learns it at once, the other one when it has heard nothing for long enough. */
  cut(): void {
    if (this.#isOver) return
    const isNoticed = this.#options.chance.is(0.5)
    this.#end({ noticedAfterMs: isNoticed ? this.#latencyMs() : NOTICED_AFTER_MS })
    this.#options.listener.onLost(new RequestError('unavailable', { message: 'cut' }))
  }

  /** The device is gone without a word. */
  vanish(): void {
    this.#isSilent = true
  }

  /** The node is gone. Mostly its machine says so. */
  nodeDied(): void {
    const { chance, time } = this.#options
    time.after(chance.is(0.8) ? this.#latencyMs() : NOTICED_AFTER_MS, () => this.cut())
  }

  #connection(node: SimulatedNode): Connection {
    const hangUp = (): void => this.#options.time.after(1, () => this.cut())
    const socket = {
      id: this.#options.id,
      conn: {
        on: () => {},
        send: (packet: string) => this.#down(() => this.#receive(packet)),
        transport: { name: 'simulated' },
        close: hangUp,
      },
      disconnect: hangUp,
    }
    const writer = new DirectWriter(socket.conn as unknown as Socket['conn'])
    return new Connection(
      socket as unknown as Socket,
      { address: 'simulated', writer },
      {
        highWaterBytes: Number.MAX_SAFE_INTEGER,
        maxBufferedBytes: Number.MAX_SAFE_INTEGER,
        nowMs: node.services.nowMs,
        onSlow: () => {},
      },
    )
  }

  #receive(packet: string): void {
    const [event, payload] = JSON.parse(packet.slice(1)) as [ServerEventName, never]
    this.#options.listener.onEvent(event, payload as ServerEventPayload<typeof event>)
  }

  #request<E extends ClientEventName>(event: E, payload: ClientEventInput<E>): Promise<ClientEventResult<E>> {
    if (this.#isOver || this.#session === undefined) return Promise.reject(new RequestError('unavailable'))
    const session = this.#session
    const text = JSON.stringify(payload)
    return new Promise((resolve, reject) => {
      const fail = (error: RequestError): void => {
        clearTimeout(timer)
        this.#waiting.delete(fail)
        reject(error)
      }
      const timer = setTimeout(() => fail(new RequestError('timeout')), ACKNOWLEDGED_WITHIN_MS)
      this.#waiting.add(fail)
      const acknowledge = (answer: Answer): void => {
        const answered = JSON.stringify(answer)
        this.#down(() => {
          if (!this.#waiting.delete(fail)) return
          clearTimeout(timer)
          const received = JSON.parse(answered) as Answer
          if (received.ok) resolve(received as unknown as ClientEventResult<E>)
          else reject(requestErrorFrom(received.error))
        })
      }
      this.#up(() => session.intake.receive(event, [JSON.parse(text), acknowledge]))
    })
  }

  #up(run: () => void): void {
    const { time } = this.#options
    this.#upAtMs = Math.max(this.#upAtMs, time.nowMs + this.#latencyMs())
    time.after(this.#upAtMs - time.nowMs, () => {
      if (!this.#isOver && this.#node?.isDead === false) run()
    })
  }

  #down(run: () => void): void {
    if (this.#isOver || this.#node?.isDead !== false) return
    const { time } = this.#options
    this.#downAtMs = Math.max(this.#downAtMs, time.nowMs + this.#latencyMs())
    time.after(this.#downAtMs - time.nowMs, () => {
      if (!this.#isOver) run()
    })
  }

  #latencyMs(): number {
    return 1 + this.#options.chance.below(30)
  }

  #end({ noticedAfterMs }: { noticedAfterMs: number }): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.onEnd(this)
    for (const fail of [...this.#waiting]) fail(new RequestError('unavailable'))
    const session = this.#session
    this.#options.time.after(noticedAfterMs, () => {
      // What cannot be told now lapses.
      if (this.#node?.isDead === false) session?.close().catch(() => {})
    })
  }
}
