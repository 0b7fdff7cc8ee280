import { setTimeout as delay } from 'node:timers/promises'
import pg, { type Client, type ClientConfig } from 'pg'
import { COMMIT, type Run, type Side, type Step } from './interleaving-explorer.ts'
import type { StepTraits } from './interleaving-functions.ts'
import { type Answer, type Call, Session, type SessionState } from './interleaving-session.ts'
import type { Snapshot } from './interleaving-snapshot.ts'
import type { World } from './interleaving-world.ts'

/** How soon, and how often, it is asked whether a step that is not through waits for the other side. */
const POLL_MS = 1

/** How often before the step counts as hung. Asked, not timed: a machine that stands still for a while is no fault. */
const MOST_POLLS = 5_000

/** What is over in a second need not survive a power cut, and plans made for small tables must not scan large ones. */
const SETTINGS =
  '-c synchronous_commit=off -c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off'

/** What the two sides call. */
export type Calls = Readonly<Record<Side, Call>>

/** Three connections to one database: one for each side, and one that controls and watches them. */
export class Arena {
  readonly control: Client
  readonly sides: Readonly<Record<Side, Session>>

  private constructor(control: Client, sides: Record<Side, Session>) {
    this.control = control
    this.sides = sides
  }

  /** @param schemas in which the sides look for functions, before the usual ones. */
  static async open(config: ClientConfig, schemas: readonly string[]): Promise<Arena> {
    const control = new pg.Client({ ...config, options: SETTINGS })
    await control.connect()
    const options = `${SETTINGS} -c search_path=${[...schemas, 'public'].join(',')}`
    const [a, b] = [
      await Session.connect({ ...config, options }, control),
      await Session.connect({ ...config, options }, control),
    ]
    return new Arena(control, { a, b })
  }

  /** Makes a call undisturbed, of the function as it is. */
  async callAlone({ name, args }: Call): Promise<void> {
    const places = args.map((_, index) => `$${index + 1}`).join(', ')
    await this.control.query({ name, text: `select ${name}(${places})`, values: [...args] })
  }

  async close(): Promise<void> {
    await Promise.all([this.sides.a.close(), this.sides.b.close(), this.control.end()])
  }
}

type MutableStep = { -readonly [K in keyof Step]: Step[K] }

/** Two actions at the same time, one step of one of them after the other. */
export class Race implements Run {
  readonly world: World
  /** What the world was like after each commit of something, before anything else happened. */
  readonly moments: Snapshot[] = []
  readonly #arena: Arena
  readonly #traits: ReadonlyMap<string, StepTraits>
  readonly #held: Record<Side, Set<string>> = { a: new Set(), b: new Set() }
  /** The step of the side that waits for the other. */
  #waiting: { step: MutableStep; isKnown: boolean } | undefined

  private constructor(arena: Arena, world: World, traits: ReadonlyMap<string, StepTraits>) {
    this.world = world
    this.#arena = arena
    this.#traits = traits
  }

  /** @param traits of all steps, by their names. */
  static async begin(
    arena: Arena,
    { world, calls, traits }: { world: World; calls: Calls; traits: ReadonlyMap<string, StepTraits> },
  ): Promise<Race> {
    await arena.sides.a.start(calls.a)
    await arena.sides.b.start(calls.b)
    return new Race(arena, world, traits)
  }

  get enabled(): readonly Side[] {
    return SIDES.filter((side) => ['paused', 'answered'].includes(this.#arena.sides[side].state.kind))
  }

  /** What the sides were answered, in the names of all worlds. */
  get answers(): Answer[] {
    return this.world.plain(SIDES.flatMap((side) => this.#arena.sides[side].answers))
  }

  /** Errors that ended a side; a deadlock is one. */
  get errors(): Error[] {
    return SIDES.map((side) => this.#arena.sides[side].state).flatMap((state) =>
      state.kind === 'failed' ? [state.error] : [],
    )
  }

  async step(side: Side, known?: Step): Promise<Step> {
    const session = this.#arena.sides[side]
    const { state } = session
    const isCommit = state.kind === 'answered'
    await session.goOn()
    const waited = !(await this.#isThrough(side))
    const step: MutableStep = known ?? {
      ...this.#traitsOf(session, state),
      side,
      waited,
      locked: NOTHING,
      lockedBeforeWaiting: NOTHING,
    }
    const isKnown = known !== undefined
    if (step.waited !== waited) throw new Error(`"${step.place}" waits in one run and not in the next`)
    if (waited) await this.#wait({ step, isKnown })
    else if (isCommit || session.state.kind === 'failed') await this.#release(side)
    if (!isCommit && !(waited && isKnown)) await this.#noteLocks({ step, isKnown })
    if (waited && !isKnown) step.lockedBeforeWaiting = step.locked
    if (step.publishes) this.moments.push(await this.world.snapshot())
    return step
  }

  #traitsOf({ call }: Session, state: SessionState): Pick<Step, 'place' | 'skips' | 'inserts' | 'publishes'> {
    const place = state.kind === 'paused' ? state.place : COMMIT
    const { inserts, skips } = this.#traits.get(place) ?? NO_TRAITS
    return {
      place,
      inserts,
      skips: call?.skipsLocked === true ? skips : NO_TRAITS.skips,
      publishes: state.kind === 'answered' && state.wrote,
    }
  }

  /** Waits until a step is over (true), or waits itself for the other side (false). */
  async #isThrough(side: Side): Promise<boolean> {
    const { control, sides } = this.#arena
    const session = sides[side]
    for (let polls = 0; session.state.kind === 'running'; polls += 1) {
      // Most are through within this time: asking the database costs more than waiting for them.
      await Promise.race([session.changed, delay(POLL_MS)])
      if (session.state.kind !== 'running') break
      if (polls === MOST_POLLS) throw new Error(`side ${side} neither comes through nor waits`)
      const { rows } = await control.query<{ waits: boolean }>({
        name: 'waits',
        text: 'select $2 = any(pg_blocking_pids($1)) as waits',
        values: [session.pid, sides[otherOf(side)].pid],
      })
      if (session.state.kind === 'running' && rows[0]?.waits === true) return false
    }
    return true
  }

  async #wait(waiting: { step: MutableStep; isKnown: boolean }): Promise<void> {
    if (this.#waiting === undefined) {
      this.#waiting = waiting
      return
    }
    // Each waits for the other: the database ends one of them, and the other gets through.
    await Promise.all(SIDES.map((side) => this.#untilThrough(side)))
    this.#waiting = undefined
  }

  async #untilThrough(side: Side): Promise<void> {
    const session = this.#arena.sides[side]
    while (session.state.kind === 'running') await session.changed
  }

  /** After the end of a transaction: its rows are free, and whoever waited for them gets through. */
  async #release(side: Side): Promise<void> {
    this.#held[side] = new Set()
    const waiting = this.#waiting
    if (waiting === undefined || waiting.step.side === side) return
    await this.#untilThrough(waiting.step.side)
    this.#waiting = undefined
    await this.#noteLocks(waiting)
  }

  /** Everything that is locked now and was not before was locked by this step. */
  async #noteLocks({ step, isKnown }: { step: MutableStep; isKnown: boolean }): Promise<void> {
    const held = this.#held
    // Looking up all that is locked is most of the time a schedule takes.
    if (!isKnown && this.#traits.get(step.place)?.locks !== false) {
      const locked = await this.world.lockedRows()
      step.locked = step.locked.union(locked.difference(held.a).difference(held.b))
    }
    held[step.side] = held[step.side].union(step.locked)
  }
}

const NOTHING: ReadonlySet<string> = new Set()

const NO_TRAITS: StepTraits = { inserts: false, locks: true, skips: NOTHING }

const SIDES = ['a', 'b'] as const

function otherOf(side: Side): Side {
  return side === 'a' ? 'b' : 'a'
}
