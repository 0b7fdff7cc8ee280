import type { Ack, ClientEventName, ErrorDetail, ServerEventName, ServerEventPayload } from '@tally/protocol'
import { io, type Socket } from 'socket.io-client'

export type AppClientOptions = {
  /** Given with the handshake. */
  auth?: Record<string, unknown>
  transports?: ('websocket' | 'polling')[]
  headers?: Record<string, string>
  /** Installed apps come back by themselves; most tests want to see a connection end. */
  reconnection?: boolean
}

/** What comes with an event; the socket's own events carry a reason. */
export type PayloadOf<E extends string> = E extends ServerEventName ? ServerEventPayload<E> : string

type Heard = { event: string; payload: unknown; isTaken: boolean }

const DEADLINE_MS = 15_000

/** The plain `socket.io-client`, as an installed app uses it, with a memory of all it heard. */
export class AppClient {
  readonly socket: Socket
  /** Everything in the order it came, `disconnect` and `connect_error` with their reason among it. */
  readonly heard: Heard[] = []
  readonly #wakes = new Set<() => void>()

  constructor(
    url: string,
    { auth, transports = ['websocket'], headers, reconnection = false }: AppClientOptions = {},
  ) {
    this.socket = io(url, {
      forceNew: true,
      transports,
      reconnection,
      reconnectionDelay: 20,
      ...(auth === undefined ? {} : { auth }),
      ...(headers === undefined ? {} : { extraHeaders: headers }),
    })
    this.socket.onAny((event: string, payload: unknown) => this.#note(event, payload))
    this.socket.on('connect', () => this.#note('connect', undefined))
    this.socket.on('disconnect', (reason) => this.#note('disconnect', reason))
    this.socket.on('connect_error', (error) => this.#note('connect_error', error.message))
  }

  async connected(): Promise<void> {
    const { event, payload } = await this.#find(
      ({ event }) => event === 'connect' || event === 'connect_error',
    )
    if (event === 'connect_error') throw new Error(`refused: ${payload}`)
  }

  emit(event: string, ...args: unknown[]): void {
    this.socket.emit(event, ...args)
  }

  /** Emits with an acknowledgement and gives the answer, positive or not. */
  call<E extends ClientEventName>(event: E, ...args: unknown[]): Promise<Ack<E>> {
    return this.socket.timeout(DEADLINE_MS).emitWithAck(event, ...args)
  }

  /** The same for an event that has to be refused. @returns the refusal. */
  async refused(event: string, ...args: unknown[]): Promise<ErrorDetail> {
    const answer: { ok: boolean; error: ErrorDetail } = await this.socket
      .timeout(DEADLINE_MS)
      .emitWithAck(event, ...args)
    if (answer.ok) throw new Error(`${event} was not refused: ${JSON.stringify(answer)}`)
    return answer.error
  }

  /** The next event of this name that was not asked for yet, whatever came between. */
  async next<E extends string>(
    event: E,
    matches: (payload: PayloadOf<E>) => boolean = () => true,
  ): Promise<PayloadOf<E>> {
    const found = await this.#find(
      (heard) => !heard.isTaken && heard.event === event && matches(heard.payload as PayloadOf<E>),
    )
    found.isTaken = true
    return found.payload as PayloadOf<E>
  }

  /** Payloads of all events of this name so far. */
  all<E extends string>(event: E): PayloadOf<E>[] {
    return this.heard.filter((heard) => heard.event === event).map(({ payload }) => payload as PayloadOf<E>)
  }

  /**
   * Everything the server sent to this device up to now has arrived: it asks for the badge, which takes along what was
   * still waiting to be sent.
   */
  async settled(): Promise<void> {
    const answer = await this.call('request-unread-count-sync')
    if (!answer.ok) throw new Error(`no badge: ${JSON.stringify(answer)}`)
  }

  /** Forgets what was heard, so that `all` begins anew. */
  forget(): void {
    this.heard.length = 0
  }

  close(): void {
    this.socket.disconnect()
  }

  #note(event: string, payload: unknown): void {
    this.heard.push({ event, payload, isTaken: false })
    for (const wake of this.#wakes) wake()
  }

  async #find(matches: (heard: Heard) => boolean): Promise<Heard> {
    const look = () => this.heard.find(matches)
    const found = look()
    if (found !== undefined) return found
    return new Promise((resolve, reject) => {
      const wake = () => {
        const late = look()
        if (late === undefined) return
        done()
        resolve(late)
      }
      const timer = setTimeout(() => {
        done()
        reject(
          new Error(
            `did not come within ${DEADLINE_MS} ms; heard ${JSON.stringify(this.heard.slice(-20).map(({ event, payload }) => [event, payload]))}`,
          ),
        )
      }, DEADLINE_MS)
      const done = () => {
        clearTimeout(timer)
        this.#wakes.delete(wake)
      }
      this.#wakes.add(wake)
    })
  }
}
