import { type ClientEventName, isClientEventName, RequestError } from '@tally/protocol'
import { handleEvent } from './event-handlers.ts'
import type { Session } from './session.ts'

/** The callback a client gave with an event. */
export type Acknowledge = (answer: object) => void

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
/** Events whose rate belongs to the person, over all of their connections. */
const LIMITED_BY_PERSON: ReadonlySet<unknown> = new Set<ClientEventName>(['send-message', 'typing'])

/**
 * Where a connection's events come in: each is answered once, by its acknowledgement or, where none was asked for and
 * it is refused, by an `error` event. An app emits `join-room` right behind `authenticate`, so what comes too early
 * waits, in order.
 */
export class EventIntake {
  readonly #session: Session
  #held: IncomingEvent[] = []
  #heldSinceMs = 0
  readonly #running = new Set<Promise<void>>()

  constructor(session: Session) {
    this.#session = session
  }

  /** One event, whatever it is: nothing a client sends may throw here. */
  receive(name: unknown, args: readonly unknown[]): void {
    const { limits } = this.#session.services
    const last = args.at(-1)
    const acknowledge = typeof last === 'function' ? (last as Acknowledge) : undefined
    const payload = acknowledge !== undefined && args.length === 1 ? undefined : args[0]
    const rate = LIMITED_BY_PERSON.has(name) ? undefined : limits.takeEvent(this.#session.deviceId)
    if (rate?.ok === false) {
      this.refuse(acknowledge, new RequestError('rate_limited', { retryAfterMs: rate.retryAfterMs }))
    } else if (typeof name !== 'string' || !isClientEventName(name)) {
      this.refuse(acknowledge, new RequestError('invalid_request', { message: 'There is no such event.' }))
    } else if (name === 'authenticate') {
      this.#session.authenticate(payload, acknowledge)
    } else if (this.#session.isReady) {
      this.#start({ name, payload, acknowledge })
    } else {
      this.#hold({ name, payload, acknowledge })
    }
  }

  /** It was decided who this is, or that it will not be: what waits runs or is refused, in the order it came. */
  release(): void {
    for (const event of this.#held.splice(0)) {
      if (this.#session.isReady) this.#start(event)
      else this.refuse(event.acknowledge, new RequestError('unauthorized'))
    }
  }

  /** Lets nothing wait for an authentication that did not even begin. */
  releaseOverdue(nowMs: number): void {
    if (nowMs - this.#heldSinceMs >= HELD_WITHOUT_AUTHENTICATION_MS) this.release()
  }

  refuse(acknowledge: Acknowledge | undefined, refusal: RequestError): void {
    const { connection, services, deviceId } = this.#session
    if (refusal.code === 'rate_limited' && services.limits.isFlooding(deviceId)) {
      connection.close()
    } else if (acknowledge !== undefined) {
      connection.acknowledge(acknowledge, { ok: false, error: refusal.toJSON() })
    } else {
      connection.send('error', { message: refusal.message, code: refusal.code })
    }
  }

  /** Resolves when everything that was accepted so far is done and answered. */
  async idle(): Promise<void> {
    await Promise.all(this.#running)
  }

  /** What a client may know of whatever went wrong. */
  refusalOf(error: unknown): RequestError {
    if (error instanceof RequestError) return error
    this.#session.services.ctx.log.error({ err: error }, 'an event of a socket failed')
    return new RequestError('internal')
  }

  #hold(event: IncomingEvent): void {
    if (this.#held.length >= HELD_EVENTS_MAX) {
      this.refuse(event.acknowledge, new RequestError('unauthorized'))
      return
    }
    if (this.#held.length === 0) this.#heldSinceMs = this.#session.services.nowMs()
    this.#held.push(event)
  }

  #start(event: IncomingEvent): void {
    if (this.#running.size >= RUNNING_EVENTS_MAX) {
      this.refuse(event.acknowledge, new RequestError('overloaded', { retryAfterMs: 1_000 }))
      return
    }
    const running = this.#run(event).then(() => void this.#running.delete(running))
    this.#running.add(running)
  }

  async #run({ name, payload, acknowledge }: IncomingEvent): Promise<void> {
    const { services, person, connection } = this.#session
    try {
      if (services.ctx.now() >= person.expiresAtMs) throw new RequestError('token_expired')
      const result = await handleEvent(this.#session, name, payload)
      if (acknowledge !== undefined) connection.acknowledge(acknowledge, { ok: true, ...result })
    } catch (error) {
      this.refuse(acknowledge, this.refusalOf(error))
    }
  }
}
