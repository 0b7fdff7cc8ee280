import pg from 'pg'

/** One call of a function of the database: an action, and a transaction. */
export type Call = {
  readonly name: string
  readonly args: readonly unknown[]
  /** Whether it leaves out what others have locked, and says so, where it otherwise waits for them. */
  readonly skipsLocked: boolean
  /** What is called once this was committed, as a transaction of its own. */
  readonly next?: Call
}

/** A call and everything that is called after it. */
export function callsFrom(call: Call): Call[] {
  return [call, ...(call.next === undefined ? [] : callsFrom(call.next))]
}

/** What a function answered. */
export type Answer = Record<string, unknown>

/**
 * Where a session is.
 * - `running`: in the middle of a step, or waiting for a lock in it.
 * - `paused`: before a step; `place` is its name.
 * - `answered`: before the commit. Whoever `wrote` nothing has locked nothing either.
 */
export type SessionState =
  | { readonly kind: 'running' }
  | { readonly kind: 'paused'; readonly place: string }
  | { readonly kind: 'answered'; readonly wrote: boolean }
  | { readonly kind: 'over' }
  | { readonly kind: 'failed'; readonly error: Error }

/**
 * What every session needs in its database: a pause tells where it is and waits at a gate, an advisory lock that the
 * controlling connection holds. Every pause has a gate of its own, numbered by a sequence: one gate for all would have
 * to be closed again before its session comes back.
 */
export const PAUSE_FUNCTION = `
  create function interleaving_pause(p_place text) returns boolean language plpgsql volatile as $$
  declare
    v_gate integer := nextval('pg_temp.interleaving_gate');
  begin
    raise notice 'paused before %', p_place;
    perform pg_advisory_lock(pg_backend_pid(), v_gate);
    perform pg_advisory_unlock(pg_backend_pid(), v_gate);
    return true;
  end
  $$`

const NOTICE = /^paused before (.+)$/

/** How many gates ahead are closed: the one a session stands at, and the next it will come to. */
const CLOSED_GATES = 2

/** A connection that carries out one action, step by step as it is told; mostly it is one transaction. */
export class Session {
  readonly #client: pg.Client
  readonly #control: pg.Client
  #pid = 0
  #gate = 0
  #state: SessionState = { kind: 'over' }
  #change = Promise.withResolvers<void>()
  #call: Call | undefined
  #answers: Answer[] = []

  private constructor(client: pg.Client, control: pg.Client) {
    this.#client = client
    this.#control = control
    client.on('notice', ({ message }) => {
      const place = NOTICE.exec(message ?? '')?.[1]
      if (place !== undefined) this.#become({ kind: 'paused', place })
    })
  }

  /** @param control a connection that holds the gates; its sessions have to share it with nobody else. */
  static async connect(config: pg.ClientConfig, control: pg.Client): Promise<Session> {
    const client = new pg.Client(config)
    await client.connect()
    const session = new Session(client, control)
    await client.query('create temp sequence interleaving_gate minvalue 0')
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    session.#pid = rows[0]!.pid
    await control.query('select pg_advisory_lock($1, gate) from generate_series(0, $2::int - 1) gate', [
      session.#pid,
      CLOSED_GATES,
    ])
    return session
  }

  get pid(): number {
    return this.#pid
  }

  get state(): SessionState {
    return this.#state
  }

  /** Resolves when the state is no longer what it was when this was asked for. */
  get changed(): Promise<void> {
    return this.#change.promise
  }

  /** What is called, or was called last. */
  get call(): Call | undefined {
    return this.#call
  }

  /** What was answered since it was started. */
  get answers(): readonly Answer[] {
    return this.#answers
  }

  /** Takes a call up to its first pause. */
  async start(call: Call): Promise<void> {
    this.#answers = []
    const { changed } = this
    await this.#begin(call)
    await changed
  }

  /** Goes on from a pause. The step is over when the state changes. */
  async goOn(): Promise<void> {
    const { kind } = this.#state
    if (kind !== 'paused' && kind !== 'answered') throw new Error(`a session that is ${kind} cannot go on`)
    this.#become({ kind: 'running' })
    if (kind === 'answered') void this.#commit()
    else await this.#openGate()
  }

  async close(): Promise<void> {
    await this.#client.end()
  }

  async #openGate(): Promise<void> {
    await this.#control.query({
      name: 'open-gate',
      text: 'select pg_advisory_lock($1, $2), pg_advisory_unlock($1, $3)',
      values: [this.#pid, this.#gate + CLOSED_GATES, this.#gate],
    })
    this.#gate += 1
  }

  async #begin(call: Call): Promise<void> {
    this.#call = call
    await this.#client.query('begin')
    void this.#run(call)
  }

  async #run({ name, args }: Call): Promise<void> {
    const places = args.map((_, index) => `$${index + 1}`).join(', ')
    try {
      const { rows } = await this.#client.query<{ answer: Answer; wrote: boolean }>({
        name,
        text: `select ${name}(${places}) as answer, pg_current_xact_id_if_assigned() is not null as wrote`,
        values: [...args],
      })
      const { answer, wrote } = rows[0]!
      this.#answers.push(answer)
      this.#become({ kind: 'answered', wrote })
    } catch (error) {
      await this.#fail(error)
    }
  }

  async #commit(): Promise<void> {
    try {
      await this.#client.query('commit')
      const next = this.#call?.next
      if (next === undefined) this.#become({ kind: 'over' })
      else await this.#begin(next)
    } catch (error) {
      await this.#fail(error)
    }
  }

  async #fail(error: unknown): Promise<void> {
    // Whose connection is gone has nothing to roll back.
    await this.#client.query('rollback').catch(() => {})
    this.#become({ kind: 'failed', error: error as Error })
  }

  #become(state: SessionState): void {
    const { resolve } = this.#change
    this.#state = state
    this.#change = Promise.withResolvers()
    resolve()
  }
}
