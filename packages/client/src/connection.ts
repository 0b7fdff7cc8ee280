import { RequestError, type ServerEventName, type ServerEventPayload, type WireUser } from '@tally/protocol'
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionProblem,
  type ConnectionState,
  nextConnection,
} from './connection-state.ts'
import type { ProviderFactory, RealtimeProvider, Transport } from './provider.ts'
import { type Readable, writable } from './readable.ts'
import type { TokenSource } from './token-source.ts'

/** The connection as people see it. */
export type ConnectionStatus = {
  state: ConnectionState['phase']
  /** How frames travel now; `null` while they do not. */
  transport: Transport | null
  /**
   * Round trip of the last acknowledged request of this connection, in whole ms: there and back, with the server's work
   * in between (for a message: until it is stored). `null` before the first.
   */
  latencyMs: number | null
  /** Why it is not live, when there is a reason. */
  error?: ConnectionProblem
}

export type ConnectionOptions = {
  provider: ProviderFactory
  tokens: TokenSource
  /** Monotonic milliseconds. */
  nowMs: () => number
  random: () => number
  onEvent: <E extends ServerEventName>(event: E, payload: ServerEventPayload<E>) => void
  /** A new connection begins; nothing of it was heard yet. */
  onOpening: () => void
  onAuthenticated: (user: WireUser) => void
  /** Fetches what was missed. The connection is live when this resolves. */
  catchUp: (provider: RealtimeProvider) => Promise<void>
  onLive: () => void
  /** It was connected, and is not any more. */
  onDown: () => void
}

/** Keeps one connection to the server: runs what the state machine says, and tells it what happened. */
export class Connection {
  readonly status: Readable<ConnectionStatus>
  readonly #status = writable<ConnectionStatus>({ state: 'closed', transport: null, latencyMs: null })
  readonly #options: ConnectionOptions
  #state: ConnectionState = { phase: 'closed' }
  #provider: RealtimeProvider | undefined
  #latencyMs: number | null = null
  #lifetime = new AbortController()
  #retryTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.status = this.#status
  }

  get isLive(): boolean {
    return this.#state.phase === 'live'
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
      throw new RequestError('unavailable', { message: 'There is no connection right now.' })
    }
    return this.#provider
  }

  dispatch(event: ConnectionEvent): void {
    const { nowMs, random, onLive, onDown } = this.#options
    const before = this.#state
    const { state, effects } = nextConnection(before, event, { nowMs: nowMs(), random: random() })
    this.#state = state
    if (isUp(before) && !isUp(state)) onDown()
    for (const effect of effects) this.#run(effect)
    this.#publish()
    if (before.phase !== 'live' && state.phase === 'live') onLive()
  }

  /** What a request that failed says about the token. */
  unauthorized(error: RequestError): void {
    this.dispatch({ kind: 'auth-refused', refusal: error })
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.kind) {
      case 'open':
        this.#open(effect.freshToken)
        return
      case 'close':
        clearTimeout(this.#retryTimer)
        this.#lifetime.abort()
        this.#provider?.close()
        this.#provider = undefined
        this.#latencyMs = null
        return
      case 'catch-up':
        this.#catchUp()
        return
      case 'renew':
        this.#renew()
        return
      case 'retry-in':
        clearTimeout(this.#retryTimer)
        this.#retryTimer = setTimeout(() => this.dispatch({ kind: 'retry-due' }), effect.delayMs)
        return
      default:
        effect satisfies never
    }
  }

  #open(freshToken: boolean): void {
    const { onOpening, onEvent, onAuthenticated, tokens } = this.#options
    this.#lifetime = new AbortController()
    onOpening()
    const provider: RealtimeProvider = this.#options.provider({
      onEvent: (event, payload) => {
        if (this.#provider === provider) onEvent(event, payload)
      },
      onLost: (reason) => {
        if (this.#provider === provider) this.#lost(new RequestError('unavailable', { message: reason }))
      },
      onRoundTrip: (roundTripMs) => {
        if (this.#provider !== provider) return
        this.#latencyMs = Math.round(roundTripMs)
        this.#publish()
      },
    })
    this.#provider = provider
    const connect = async (): Promise<void> => {
      const user = await provider.connect(await tokens.get({ fresh: freshToken }))
      if (this.#provider !== provider) return
      onAuthenticated(user)
      this.dispatch({ kind: 'authenticated' })
    }
    connect().catch((error: unknown) => {
      if (this.#provider !== provider) return
      if (error instanceof RequestError && error.retry !== 'later') this.unauthorized(error)
      else this.#lost(error)
    })
  }

  #catchUp(): void {
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

  #renew(): void {
    const { tokens, onAuthenticated } = this.#options
    const provider = this.provider()
    const renew = async (): Promise<void> => {
      const user = await provider.authenticate(await tokens.get({ fresh: true }))
      if (this.#provider !== provider) return
      onAuthenticated(user)
      this.dispatch({ kind: 'authenticated' })
    }
    renew().catch((error: unknown) => {
      if (this.#provider === provider) this.dispatch({ kind: 'renewal-refused', refusal: refusalOf(error) })
    })
  }

  #lost(error: unknown): void {
    const refusal = refusalOf(error)
    if (refusal.retry === 'after_auth') {
      this.unauthorized(refusal)
      return
    }
    const { code, message, retryAfterMs } = refusal
    this.dispatch({ kind: 'lost', problem: { code, message }, retryAfterMs })
  }

  #publish(): void {
    const state = this.#state
    const up = isUp(state)
    const problem = 'problem' in state ? state.problem : undefined
    const next: ConnectionStatus = {
      state: state.phase,
      transport: up ? (this.#provider?.transport ?? null) : null,
      latencyMs: up ? this.#latencyMs : null,
      ...(problem === undefined ? {} : { error: problem }),
    }
    if (!isSame(next, this.#status.get())) this.#status.set(next)
  }
}

const isUp = ({ phase }: ConnectionState): boolean => phase === 'live' || phase === 'catching-up'

/** What the host's token function threw, say, is no refusal. Its words are all that tells a developer what is wrong. */
function refusalOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RequestError('unavailable', { message, cause: error })
}

function isSame(a: ConnectionStatus, b: ConnectionStatus): boolean {
  return (
    a.state === b.state && a.transport === b.transport && a.latencyMs === b.latencyMs && a.error === b.error
  )
}
