import { AuthenticatePayload, RequestError, type RoomId, sentenceOf, statusOf } from '@tally/protocol'
import { connectDevice, disconnectDevice } from '../../actions/connect-device.ts'
import { stopTyping } from '../../actions/set-typing.ts'
import { RoundTrip } from '../../core/round-trip.ts'
import type { AuthenticatedUser } from '../identity.ts'
import type { Connection } from './connection.ts'
import { type Acknowledge, EventIntake } from './event-intake.ts'
import { announceVisit } from './room-visits.ts'
import { SignedInDevice } from './signed-in-device.ts'
import type { SocketServices } from './socket-services.ts'

/** Wrong tokens of one connection. */
const FAILED_AUTHENTICATIONS_MAX = 5
/** How long an expired token may be replaced at most: within a minute of its end the connection is over. */
const EXPIRY_GRACE_MAX_MS = 30_000
/** When it makes sense to try again with one connection too many: others may have been lost by then. */
const TOO_MANY_RETRY_MS = 20_000

/** One connection from its handshake to its end: whether it is somebody's, and for how long. */
export class Session {
  readonly connection: Connection
  readonly intake: EventIntake
  readonly #services: SocketServices
  readonly #roundTrip = new RoundTrip()
  readonly #openedAtMs: number
  #device: SignedInDevice | undefined
  #isClosed = false
  /** How many are under way, and the last of them: they follow each other. */
  #authentications = 0
  #lastAuthentication: Promise<void> = Promise.resolve()
  #failedAuthentications = 0
  #expiredAtMs: number | undefined

  constructor(connection: Connection, services: SocketServices) {
    this.connection = connection
    this.#services = services
    this.#openedAtMs = services.nowMs()
    this.intake = new EventIntake(services, this)
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
      if (this.#authentications === 0) this.intake.refuseHeld()
    })
  }

  /** Whether this device shows the room right now. */
  isOpen(roomId: RoomId): boolean {
    const device = this.#services.ctx.devices.get(this.connection.deviceId)
    return device?.visible === true && device.rooms.has(roomId)
  }

  /** Looks at the clock: a token that expired, or one that never came, ends the connection. */
  checkTimes(): void {
    const nowMs = this.#services.nowMs()
    if (this.#device !== undefined) {
      this.#checkExpiry(this.#device.person, nowMs)
    } else if (this.#authentications === 0) {
      this.intake.refuseOverdue(nowMs)
      if (nowMs - this.#openedAtMs < this.#services.ctx.limits.authenticateTimeoutMs) return
      this.intake.refuseHeld()
      this.#sendAuthError(new RequestError('unauthorized', { message: 'No valid token came in time.' }))
      this.connection.close()
    }
  }

  /** The connection is gone. Nothing is confirmed by that: what it had open counts again, at once. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#services.limits.forget(this.connection.deviceId)
    const device = this.#device
    if (device === undefined) return
    const { ctx, people, departures } = this.#services
    device.isClosed = true
    people.remove(device)
    device.badges.detach()
    const joined = [...device.rooms]
    device.rooms.clear()
    for (const [roomId, subscription] of joined) {
      subscription.end('left')
      announceVisit(this.#services, device, { event: 'user-left', roomId })
    }
    stopTyping(ctx, device.deviceId)
    await departures.pass()
    await disconnectDevice(ctx, device.deviceId)
  }

  async #authenticateWith(payload: unknown, acknowledge: Acknowledge | undefined): Promise<void> {
    const parsed = AuthenticatePayload.safeParse(payload)
    if (!parsed.success) throw new RequestError('unauthorized')
    const person = await this.#services.identity.authenticate(parsed.data.token)
    if (this.#isClosed) return
    const device =
      this.#device === undefined ? await this.#connect(person) : this.#renew(this.#device, person)
    if (this.#isClosed) return
    const { id, name, userType } = person.user
    const user = { id, name, user_type: userType }
    const { connection } = this
    connection.send('authenticated', { success: true, user })
    if (acknowledge !== undefined) connection.acknowledge(acknowledge, { ok: true, user })
    // Right behind what was written just now: the first measurement leaves in the same write.
    if (!device.isReady) connection.measureRoundTrip(this.#roundTrip)
    device.isReady = true
    device.badges.start()
    this.intake.open(device)
  }

  async #connect(person: AuthenticatedUser): Promise<SignedInDevice> {
    const { ctx, people, badges, singleSession } = this.#services
    const { connection } = this
    const { userId } = person
    if (!singleSession && people.of(userId).length >= ctx.limits.connectionsPerUser) {
      throw new RequestError('too_many_connections', { retryAfterMs: TOO_MANY_RETRY_MS })
    }
    const outlet = badges.attach(userId, this)
    const device = new SignedInDevice({ connection, person, badges: outlet, roundTrip: this.#roundTrip })
    // From here on a revocation finds it, and frames wait in its outlet until it is ready for them.
    this.#device = device
    people.add(device)
    const badge = await connectDevice(ctx, device.caller)
    if (badge !== null) {
      badges.begin(userId, badge.rev)
      outlet.offer([], badge)
    }
    // One that was ended meanwhile, by a newer one, ends nobody.
    if (singleSession && !this.#isClosed) {
      const exceptDeviceId = connection.deviceId
      ctx.bus.send('all', [{ kind: 'session-ended', userId, reason: 'signed_in_elsewhere', exceptDeviceId }])
    }
    return device
  }

  /** A newer token of the same person; rooms and leases stay as they are. */
  #renew(device: SignedInDevice, person: AuthenticatedUser): SignedInDevice {
    if (person.userId !== device.person.userId) {
      throw new RequestError('forbidden', { message: 'This connection is somebody else’s. Open a new one.' })
    }
    device.person = person
    this.#expiredAtMs = undefined
    return device
  }

  #refuseAuthentication(refusal: RequestError, acknowledge: Acknowledge | undefined): void {
    this.#sendAuthError(refusal)
    if (acknowledge !== undefined) this.intake.refuse(acknowledge, refusal)
    const isTooMuch = statusOf(refusal) < 500 && this.#isGuessing()
    // A device that failed while it was connecting is half made: a new connection is the clean way on.
    const isHalfMade = this.#device?.isReady === false
    if (isTooMuch || isHalfMade || refusal.code === 'too_many_connections') this.connection.close()
  }

  /** A token was wrong; that one could not be checked says nothing about it. @returns whether it was one too many. */
  #isGuessing(): boolean {
    this.#failedAuthentications += 1
    const isAddressGuessing = this.#services.limits.isGuessing(this.connection.address)
    return isAddressGuessing || this.#failedAuthentications >= FAILED_AUTHENTICATIONS_MAX
  }

  #sendAuthError(refusal: RequestError): void {
    this.connection.send('auth-error', { message: sentenceOf(refusal), code: refusal.code })
  }

  #checkExpiry({ expiresAtMs }: AuthenticatedUser, nowMs: number): void {
    const { ctx } = this.#services
    if (ctx.now() < expiresAtMs) return
    const graceMs = Math.min(ctx.limits.authenticateTimeoutMs, EXPIRY_GRACE_MAX_MS)
    if (this.#expiredAtMs === undefined) {
      this.#expiredAtMs = nowMs
      this.#sendAuthError(new RequestError('token_expired'))
    } else if (nowMs - this.#expiredAtMs >= graceMs) {
      this.connection.close()
    }
  }
}
