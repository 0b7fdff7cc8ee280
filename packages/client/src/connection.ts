import { RequestError, type ServerEventName, type ServerEventPayload, type WireUser } from '@tally/protocol'
import { faultFrom, isFault, isFinal } from './connection-fault.ts'
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  isCurrent,
  type TransportPolicy,
} from './connection-state.ts'
import { type ConnectionStatus, isSameStatus } from './connection-status.ts'
import { nextConnection } from './connection-table.ts'
import type { News, ProviderFactory, ProviderListener, RealtimeProvider, Transport } from './provider.ts'
import { type Readable, writable } from './readable.ts'
import { Timer } from './timer.ts'
import type { TokenSource } from './token-source.ts'

export type ConnectionOptions = {
  provider: ProviderFactory
  policy: TransportPolicy
  tokens: TokenSource
  /** Monotonic milliseconds. */
  nowMs: () => number
  random: () => number
  onEvent: <E extends ServerEventName>(event: E, payload: ServerEventPayload<E>) => void
  onNews: (news: News) => void
  /** A new connection begins; nothing of it was heard yet. */
  onOpening: () => void
  onAuthenticated: (user: WireUser) => void
  /** Fetches what was missed. Everything shown is current when this resolves. */
  catchUp: (provider: RealtimeProvider) => Promise<void>
  onLive: () => void
  /** It was connected, and is not any more. */
  onDown: () => void
}

/** Keeps one connection to the server: runs what the state machine says, and tells it what happened. */
export class Connection {
  readonly status: Readable<ConnectionStatus>
  readonly #status = writable<ConnectionStatus>({
    state: 'closed',
    transport: null,
    latencyMs: null,
    activeUsers: null,
  })
  readonly #options: ConnectionOptions
  readonly #retry = new Timer()
  readonly #patience = new Timer()
  readonly #probing = new Timer()
  #policy: TransportPolicy
  #state: ConnectionState = { phase: 'closed' }
  #provider: RealtimeProvider | undefined
  /** A WebSocket that is tried beside the polling. */
  #probe: RealtimeProvider | undefined
  #latencyMs: number | null = null
  #activeUsers: number | null = null
  #lifetime = new AbortController()

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#policy = options.policy
    this.status = this.#status
  }

  /** Whether everything that is shown is current, by whichever transport. */
  get isLive(): boolean {
    return isCurrent(this.#state)
  }

  /** Aborted when the present connection ends. */
  get lifetime(): AbortSignal {
    return this.#lifetime.signal
  }

  /**
   * The provider of an authenticated connection.
   * @throws RequestError `unavailable` while there is none.
   */
  provider(): RealtimeProvider {
    if (this.#provider === undefined || !isUp(this.#state)) {
      throw new RequestError('unavailable')
    }
    return this.#provider
  }

  setPolicy(policy: TransportPolicy): void {
    if (policy === this.#policy) return
    this.#policy = policy
    this.dispatch({ kind: 'policy-changed' })
  }

  /** Asks for everything that was missed. Without it the connection is as good as lost. */
  catchUp(): void {
    const provider = this.provider()
    this.#options.catchUp(provider).then(
      () => {
        if (this.#provider === provider) this.dispatch({ kind: 'caught-up' })
      },
      (error: unknown) => {
        if (this.#provider === provider) this.#lost(error)
      },
    )
  }

  dispatch(event: ConnectionEvent): void {
    const { nowMs, random, onLive, onDown } = this.#options
    const before = this.#state
    const moment = { nowMs: nowMs(), random: random(), policy: this.#policy }
    const { state, effects } = nextConnection(before, event, moment)
    this.#state = state
    if (isUp(before) && !isUp(state)) onDown()
    for (const effect of effects) this.#run(effect)
    this.#publish()
    if (!isCurrent(before) && isCurrent(state)) onLive()
  }

  /** What a request that failed says about the token. */
  unauthorized(error: RequestError): void {
    this.dispatch({ kind: 'auth-refused', refusal: error })
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.kind) {
      case 'open':
        this.#open(effect)
        return
      case 'close':
        this.#close()
        return
      case 'catch-up':
        this.catchUp()
        return
      case 'renew':
        this.#renew()
        return
      case 'retry-in':
        this.#retry.set(effect.delayMs, () => this.dispatch({ kind: 'retry-due' }))
        return
      case 'probe':
        this.#tryProbe()
        return
      case 'probe-in':
        this.#probing.set(effect.delayMs, () => this.dispatch({ kind: 'probe-due' }))
        return
      case 'adopt-probe':
        this.#adoptProbe()
        return
      default:
        effect satisfies never
    }
  }

  #open(effect: Extract<ConnectionEffect, { kind: 'open' }>): void {
    this.#begin()
    const provider: RealtimeProvider = this.#make(effect.transport, () => this.#provider === provider)
    this.#provider = provider
    if (effect.patienceMs !== undefined)
      this.#patience.set(effect.patienceMs, () => this.dispatch({ kind: 'slow' }))
    const connect = async (): Promise<void> => {
      const user = await provider.connect(await this.#options.tokens.get({ fresh: effect.freshToken }))
      if (this.#provider !== provider) return
      this.#patience.clear()
      this.#options.onAuthenticated(user)
      this.dispatch({ kind: 'authenticated', transport: provider.transport })
    }
    connect().catch((error: unknown) => {
      if (this.#provider === provider) this.#lost(error)
    })
  }

  #begin(): void {
    this.#lifetime = new AbortController()
    this.#latencyMs = null
    this.#activeUsers = null
    this.#options.onOpening()
  }

  #close(): void {
    for (const timer of [this.#retry, this.#patience, this.#probing]) timer.clear()
    this.#endLifetime()
    this.#probe?.close()
    this.#probe = undefined
  }

  #endLifetime(): void {
    this.#lifetime.abort()
    this.#provider?.close()
    this.#provider = undefined
  }

  #make(transport: Transport, isInUse: () => boolean): RealtimeProvider {
    const { onEvent, onNews } = this.#options
    const listener: ProviderListener = {
      onEvent: (event, payload) => {
        if (isInUse()) onEvent(event, payload)
      },
      onNews: (news, activeUsers) => {
        if (!isInUse()) return
        if (activeUsers !== undefined) this.#activeUsers = activeUsers
        if (news !== null) onNews(news)
        this.#publish()
      },
      onLost: (error) => {
        if (isInUse()) this.#lost(error)
      },
      onRoundTrip: (roundTripMs) => {
        if (!isInUse()) return
        this.#latencyMs = Math.round(roundTripMs)
        this.#publish()
      },
    }
    return this.#options.provider(listener, transport)
  }

  #tryProbe(): void {
    this.#probing.clear()
    const probe: RealtimeProvider = this.#make('websocket', () => this.#provider === probe)
    this.#probe = probe
    const connect = async (): Promise<void> => {
      await probe.connect(await this.#options.tokens.get({ fresh: false }))
      if (this.#probe !== probe) return
      // Tabs that share a connection may be given the one there is.
      if (probe.transport === 'websocket') this.dispatch({ kind: 'probe-succeeded' })
      else this.#probeFailed(probe)
    }
    connect().catch(() => this.#probeFailed(probe))
  }

  #probeFailed(probe: RealtimeProvider): void {
    if (this.#probe !== probe) return
    probe.close()
    this.#probe = undefined
    this.dispatch({ kind: 'probe-failed' })
  }

  #adoptProbe(): void {
    const probe = this.#probe
    this.#probe = undefined
    this.#options.onDown()
    this.#endLifetime()
    this.#begin()
    this.#provider = probe
  }

  #renew(): void {
    const { tokens, onAuthenticated } = this.#options
    const provider = this.provider()
    const renew = async (): Promise<void> => {
      const user = await provider.authenticate(await tokens.get({ fresh: true }))
      if (this.#provider !== provider) return
      onAuthenticated(user)
      this.dispatch({ kind: 'authenticated', transport: provider.transport })
    }
    renew().catch((error: unknown) => {
      if (this.#provider === provider) this.dispatch({ kind: 'renewal-refused', refusal: faultFrom(error) })
    })
  }

  #lost(cause: unknown): void {
    const error = faultFrom(cause)
    const { code, message, retryAfterMs, retry } = error
    if (retry === 'after_auth' || code === 'token_not_yet_valid' || isFinal(error)) this.unauthorized(error)
    else this.dispatch({ kind: 'lost', problem: { code, message }, retryAfterMs, isFault: isFault(error) })
  }

  #publish(): void {
    const state = this.#state
    const up = isUp(state)
    const problem = 'problem' in state ? state.problem : undefined
    const next: ConnectionStatus = {
      state: state.phase,
      transport: up ? (this.#provider?.transport ?? null) : null,
      latencyMs: up ? this.#latencyMs : null,
      activeUsers: up ? this.#activeUsers : null,
      error: problem,
    }
    if (!isSameStatus(next, this.#status.get())) this.#status.set(next)
  }
}

const isUp = (state: ConnectionState): boolean => isCurrent(state) || state.phase === 'catching-up'
