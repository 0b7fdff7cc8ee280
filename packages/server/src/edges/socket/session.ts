import { AuthenticatePayload, type ForceDisconnect, RequestError, type RoomId } from '@tally/protocol'
import { connectDevice, disconnectDevice } from '../../actions/connect-device.ts'
import type { Caller } from '../../actions/context.ts'
import { stopTyping } from '../../actions/set-typing.ts'
import type { DeviceId } from '../../core/ledger-step.ts'
import { RoundTrip } from '../../core/round-trip.ts'
import type { AuthenticatedUser } from '../identity.ts'
import type { BadgeOutlet } from './badge-outlet.ts'
import type { Connection } from './connection.ts'
import { type Acknowledge, EventIntake } from './event-intake.ts'
import { EventOrder } from './event-order.ts'
import { announceVisit } from './room-visits.ts'
import type { SocketServices } from './socket-services.ts'
import type { Subscription } from './subscription.ts'

/** Wrong tokens of one connection. */
const FAILED_AUTHENTICATIONS_MAX = 5
/** How long an expired token may be replaced at most: within a minute of its end the connection is over. */
const EXPIRY_GRACE_MAX_MS = 30_000
/** When it makes sense to try again with one connection too many: others may have been lost by then. */
const TOO_MANY_RETRY_MS = 20_000

/** One connection, from its handshake to its end: who it speaks for and the rooms it has joined. */
export class Session {
  readonly connection: Connection
  readonly services: SocketServices
  readonly intake: EventIntake
  /** The order in which this connection's events about one room take effect. */
  readonly order = new EventOrder()
  /** Rooms it joined and has not left. */
  readonly rooms = new Map<RoomId, Subscription>()
  readonly roundTrip = new RoundTrip()
  readonly #openedAtMs: number
  #person: AuthenticatedUser | undefined
  #badges: BadgeOutlet | undefined
  #isReady = false
  #isClosed = false
  #authentications = 0
  #lastAuthentication: Promise<void> = Promise.resolve()
  #failedAuthentications = 0
  #expiredAtMs: number | undefined

  constructor(connection: Connection, services: SocketServices) {
    this.connection = connection
    this.services = services
    this.intake = new EventIntake(this)
    this.#openedAtMs = services.nowMs()
    connection.onRoundTrip((roundTripMs) => this.roundTrip.measured(roundTripMs))
  }

  get deviceId(): DeviceId {
    return this.connection.deviceId
  }

  /** Who this is. Only what runs for authenticated sessions may ask. */
  get person(): AuthenticatedUser {
    if (this.#person === undefined) throw new Error('a session was used before it was authenticated')
    return this.#person
  }

  get caller(): Caller & { deviceId: DeviceId } {
    return { userId: this.person.userId, deviceId: this.deviceId }
  }

  /** Where this device's rows and totals go out; from the same moment on as `person`. */
  get badges(): BadgeOutlet {
    if (this.#badges === undefined) throw new Error('a session was used before it was authenticated')
    return this.#badges
  }

  /** The device was told who it is. It stays ready when it is closed: what it sent before still counts. */
  get isReady(): boolean {
    return this.#isReady
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** One after the other: an app may give its token with the handshake and again as an event. */
  authenticate(payload: unknown, acknowledge?: Acknowledge): void {
    this.#authentications += 1
    this.#lastAuthentication = this.#lastAuthentication.then(async () => {
      try {
        await this.#authenticateWith(payload, acknowledge)
      } catch (error) {
        this.#refuseAuthentication(this.intake.refusalOf(error), acknowledge)
      }
      this.#authentications -= 1
      if (this.#isReady || this.#authentications === 0) this.intake.release()
    })
  }

  /** Looks at the clock: a token that expired, or one that never came, ends the connection. */
  checkTimes(): void {
    const nowMs = this.services.nowMs()
    if (this.#person !== undefined) {
      this.#checkExpiry(this.#person, nowMs)
    } else if (this.#authentications === 0) {
      this.intake.releaseOverdue(nowMs)
      if (nowMs - this.#openedAtMs < this.services.ctx.limits.authenticateTimeoutMs) return
      this.intake.release()
      this.#sendAuthError(new RequestError('unauthorized', { message: 'No valid token came in time.' }))
      this.connection.close()
    }
  }

  /** The session was ended for good: its client must not come back by itself. */
  forceDisconnect(reason: ForceDisconnect['reason']): void {
    this.connection.send('force-disconnect', { reason })
    this.connection.closeForGood()
  }

  /** The connection is gone. Nothing is confirmed by that: what it had open counts again, at once. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const { ctx, people, limits } = this.services
    limits.forget(this.deviceId)
    if (this.#person === undefined) return
    people.remove(this.#person.userId, this)
    this.#badges?.detach()
    const joined = [...this.rooms.keys()]
    for (const subscription of this.rooms.values()) subscription.end('left')
    this.rooms.clear()
    stopTyping(ctx, this.deviceId)
    for (const roomId of joined) announceVisit(this, 'user-left', roomId)
    await disconnectDevice(ctx, this.deviceId)
  }

  async #authenticateWith(payload: unknown, acknowledge: Acknowledge | undefined): Promise<void> {
    const parsed = AuthenticatePayload.safeParse(payload)
    if (!parsed.success) throw new RequestError('unauthorized')
    const person = await this.services.identity.authenticate(parsed.data.token)
    if (this.#isClosed) return
    const badges = this.#badges === undefined ? await this.#connect(person) : this.#renew(person)
    if (this.#isClosed) return
    const { id, name, userType } = person.user
    const user = { id, name, user_type: userType }
    this.connection.send('authenticated', { success: true, user })
    if (acknowledge !== undefined) this.connection.acknowledge(acknowledge, { ok: true, user })
    this.#isReady = true
    badges.start()
  }

  async #connect(person: AuthenticatedUser): Promise<BadgeOutlet> {
    const { ctx, people, badges, singleSession } = this.services
    const { userId } = person
    if (!singleSession && people.of(userId).size >= ctx.limits.connectionsPerUser) {
      throw new RequestError('too_many_connections', { retryAfterMs: TOO_MANY_RETRY_MS })
    }
    // From here on a revocation finds this session, and frames wait in its outlet until it is ready for them.
    this.#person = person
    people.add(userId, this)
    const outlet = badges.attach(userId, {
      connection: this.connection,
      isOpen: (roomId) => this.#shows(roomId),
    })
    this.#badges = outlet
    const badge = await connectDevice(ctx, this.caller)
    if (badge !== null) outlet.offer([], badge)
    if (singleSession) {
      const reason = 'signed_in_elsewhere'
      ctx.bus.send('all', [{ kind: 'session-ended', userId, reason, exceptDeviceId: this.deviceId }])
    }
    return outlet
  }

  /** A newer token of the same person; rooms and leases stay as they are. */
  #renew(person: AuthenticatedUser): BadgeOutlet {
    if (person.userId !== this.person.userId) {
      throw new RequestError('forbidden', { message: 'This connection is somebody else’s. Open a new one.' })
    }
    this.#person = person
    this.#expiredAtMs = undefined
    return this.badges
  }

  #refuseAuthentication(refusal: RequestError, acknowledge: Acknowledge | undefined): void {
    this.#sendAuthError(refusal)
    if (acknowledge !== undefined) this.intake.refuse(acknowledge, refusal)
    this.#failedAuthentications += 1
    const isGuessing = this.services.limits.isGuessing(this.connection.address)
    const isTooMuch = isGuessing || this.#failedAuthentications >= FAILED_AUTHENTICATIONS_MAX
    // A session that failed while it was connecting is half made: a new connection is the clean way on.
    const isHalfMade = this.#person !== undefined && !this.#isReady
    if (isTooMuch || isHalfMade || refusal.code === 'too_many_connections') this.connection.close()
  }

  #sendAuthError({ message, code }: RequestError): void {
    this.connection.send('auth-error', { message, code })
  }

  #checkExpiry({ expiresAtMs }: AuthenticatedUser, nowMs: number): void {
    if (this.services.ctx.now() < expiresAtMs) return
    const graceMs = Math.min(this.services.ctx.limits.authenticateTimeoutMs, EXPIRY_GRACE_MAX_MS)
    if (this.#expiredAtMs === undefined) {
      this.#expiredAtMs = nowMs
      this.#sendAuthError(new RequestError('token_expired'))
    } else if (nowMs - this.#expiredAtMs >= graceMs) {
      this.connection.close()
    }
  }

  #shows(roomId: RoomId): boolean {
    const device = this.services.ctx.devices.get(this.deviceId)
    return device?.visible === true && device.rooms.has(roomId)
  }
}
