import {
  type ClientEventName,
  errorDetailOf,
  isClientEventName,
  RequestError,
  sentenceOf,
  statusOf,
} from '@tally/protocol'
import type { RateAnswer } from '../../core/rate-limit.ts'
import type { Connection } from './connection.ts'
import { handleEvent } from './event-handlers.ts'
import type { SignedInDevice } from './signed-in-device.ts'
import type { SocketServices } from './socket-services.ts'

/** The callback a client gave with an event. */
export type Acknowledge = (answer: object) => void

/** Whose events they are. */
type Sender = {
  readonly connection: Connection
  authenticate(payload: unknown, acknowledge: Acknowledge | undefined): void
}

type IncomingEvent = {
  name: Exclude<ClientEventName, 'authenticate'>
  payload: unknown
  acknowledge: Acknowledge | undefined
}

/** Events that wait until it is known who sends them. */
const HELD_EVENTS_MAX = 200
/** How long they wait when no authentication is under way: what an app wrote while offline arrives before its token. */
const HELD_WITHOUT_AUTHENTICATION_MS = 2_000
/** Events of one connection that are being worked on. */
const RUNNING_EVENTS_MAX = 256
/** Events whose rate the action itself limits: they come in by other ways, too. */
const LIMITED_BY_ACTION: ReadonlySet<unknown> = new Set<ClientEventName>(['send-message', 'typing'])

/**
 * Where a connection's events come in: each is answered once, by its acknowledgement or, where none was asked for and
 * it is refused, by an `error` event. An app emits `join-room` right behind `authenticate`, so what comes too early
 * waits, in order.
 */
export class EventIntake {
  readonly #services: SocketServices
  readonly #sender: Sender
  #device: SignedInDevice | undefined
  #held: IncomingEvent[] = []
  #heldSinceMs = 0
  /** Made with the first event: most connections listen. */
  #running: Set<Promise<void>> | undefined

  constructor(services: SocketServices, sender: Sender) {
    this.#services = services
    this.#sender = sender
  }

  /** One event, whatever it is: nothing a client sends may throw here. */
  receive(name: unknown, args: readonly unknown[]): void {
    const services = this.#services
    const { connection } = this.#sender
    const last = args.at(-1)
    const acknowledge = typeof last === 'function' ? (last as Acknowledge) : undefined
    const payload = acknowledge !== undefined && args.length === 1 ? undefined : args[0]
    const rate = LIMITED_BY_ACTION.has(name) ? undefined : services.limits.takeEvent(connection.deviceId)
    if (rate?.ok === false) {
      this.refuse(acknowledge, new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs }))
    } else if (typeof name !== 'string' || !isClientEventName(name)) {
      this.refuse(acknowledge, new RequestError('invalid_request', { message: 'There is no such event.' }))
    } else if (name === 'authenticate') {
      this.#sender.authenticate(payload, acknowledge)
    } else if (this.#device === undefined) {
      this.#hold({ name, payload, acknowledge })
    } else {
      this.#start(this.#device, { name, payload, acknowledge })
    }
  }

  /** It is known who this is: what waits runs, in the order it came, and what comes runs at once. */
  open(device: SignedInDevice): void {
    this.#device = device
    for (const event of this.#held.splice(0)) this.#start(device, event)
  }

  /** Nobody was authenticated: what waits is refused. */
  refuseHeld(): void {
    for (const { acknowledge } of this.#held.splice(0))
      this.refuse(acknowledge, new RequestError('unauthorized'))
  }

  /** Lets nothing wait for an authentication that did not even begin. */
  refuseOverdue(nowMs: number): void {
    if (nowMs - this.#heldSinceMs >= HELD_WITHOUT_AUTHENTICATION_MS) this.refuseHeld()
  }

  refuse(acknowledge: Acknowledge | undefined, refusal: RequestError): void {
    const services = this.#services
    const { connection } = this.#sender
    // What is refused for our own faults is not the client's doing.
    if (statusOf(refusal) < 500 && services.limits.isFlooding(connection.deviceId)) {
      connection.close()
    } else if (acknowledge !== undefined) {
      connection.acknowledge(acknowledge, { ok: false, error: errorDetailOf(refusal) })
    } else {
      connection.send('error', { message: sentenceOf(refusal), code: refusal.code })
    }
  }

  /** Resolves when everything that was accepted so far is done and answered. */
  async idle(): Promise<void> {
    await Promise.all(this.#running ?? [])
  }

  /** What a client may know of whatever went wrong. */
  refusalOf(error: unknown): RequestError {
    if (error instanceof RequestError) return error
    this.#services.ctx.log.error({ err: error }, 'an event of a socket failed')
    return new RequestError('internal')
  }

  #hold(event: IncomingEvent): void {
    if (this.#held.length >= HELD_EVENTS_MAX) {
      this.refuse(event.acknowledge, new RequestError('unauthorized'))
      return
    }
    if (this.#held.length === 0) this.#heldSinceMs = this.#services.nowMs()
    this.#held.push(event)
  }

  #start(device: SignedInDevice, event: IncomingEvent): void {
    this.#running ??= new Set()
    const running = this.#running
    if (running.size >= RUNNING_EVENTS_MAX) {
      this.refuse(event.acknowledge, new RequestError('rate_limited', { retryAfterMs: 1_000 }))
      return
    }
    const rate = this.#takeOfPerson(device, event.name)
    if (rate?.ok === false) {
      this.refuse(event.acknowledge, new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs }))
      return
    }
    const done = this.#run(device, event).then(() => void running.delete(done))
    running.add(done)
  }

  #takeOfPerson({ person }: SignedInDevice, name: IncomingEvent['name']): RateAnswer | undefined {
    const { limits } = this.#services
    return LIMITED_BY_ACTION.has(name) ? undefined : limits.takeEventOf(person.userId, name)
  }

  async #run(device: SignedInDevice, { name, payload, acknowledge }: IncomingEvent): Promise<void> {
    const services = this.#services
    const { connection } = this.#sender
    try {
      if (services.ctx.now() >= device.person.expiresAtMs) throw new RequestError('token_expired')
      const result = await handleEvent(services, device, { name, payload })
      if (acknowledge !== undefined) connection.acknowledge(acknowledge, { ok: true, ...result })
    } catch (error) {
      this.refuse(acknowledge, this.refusalOf(error))
    }
  }
}
