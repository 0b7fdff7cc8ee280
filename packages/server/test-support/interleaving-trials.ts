import pg from 'pg'
import { migrate } from '../src/store/migrate.ts'
import { openDatabase } from '../src/store/open-database.ts'
import { explore, type Side, type Step } from './interleaving-explorer.ts'
import {
  type FunctionSource,
  isMarked,
  readFunctions,
  stepsOf,
  withPauses,
} from './interleaving-functions.ts'
import { lockFaultsOf } from './interleaving-lock-rule.ts'
import { Arena, type Calls, Race } from './interleaving-race.ts'
import { type Answer, type Call, callsFrom, PAUSE_FUNCTION } from './interleaving-session.ts'
import type { Snapshot } from './interleaving-snapshot.ts'
import { faultsOf } from './interleaving-verdict.ts'
import { World } from './interleaving-world.ts'
import { createTestDatabase } from './test-database.ts'

/** What the two sides call in a world. */
export type Pair = (world: World) => Calls

/** A schedule that led to something wrong. */
export type Failure = { readonly schedule: readonly Step[]; readonly faults: readonly string[] }

export type Findings = {
  /** How many schedules were run. */
  schedules: number
  failures: Failure[]
  /** Where locks were taken out of order, or something was written without one. */
  lockFaults: Set<string>
  /** The different ways in which it ended. */
  ends: Set<string>
  /** What both sides were answered, in each schedule. */
  answers: Answer[][]
}

export type TrialOptions = {
  /** Really every schedule, also those that cannot end differently. */
  all?: boolean
  /** For actions that may be done in part, and so end as in no order of the two. */
  inPart?: boolean
  /** Functions that are written otherwise. */
  mistaken?: readonly FunctionSource[]
  /** Whether what was found so far is enough. */
  isEnough?: (findings: Findings) => boolean
}

/** A database whose functions pause at every border, and connections to race in it. */
export class Trials {
  readonly #url: string
  readonly #drop: () => Promise<void>
  readonly #traits = stepsOf(readFunctions())
  readonly #idle: Arena[] = []
  #schedules = 0
  #worlds = 0
  #schemas = 0

  private constructor(url: string, drop: () => Promise<void>) {
    this.#url = url
    this.#drop = drop
  }

  static async open(): Promise<Trials> {
    const { options, drop } = await createTestDatabase('postgres')
    if (!('databaseUrl' in options)) throw new Error('not a server')
    const db = await openDatabase(options)
    await migrate(db)
    await db.close()
    const trials = new Trials(options.databaseUrl, drop)
    await trials.#script(PAUSE_FUNCTION)
    await trials.#makeSchema(PAUSED, readFunctions().filter(isMarked))
    return trials
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.map((arena) => arena.close()))
    await this.#drop()
  }

  /** How many schedules were run so far. */
  get schedules(): number {
    return this.#schedules
  }

  /** Runs two actions against each other in every interleaving of their steps. */
  async run(pair: Pair, options: TrialOptions = {}): Promise<Findings> {
    const { mistaken } = options
    const idle = mistaken === undefined ? this.#idle.pop() : undefined
    const arena = idle ?? (await this.#openArena(mistaken))
    try {
      const findings = await this.#explore(arena, pair, options)
      if (mistaken === undefined) this.#idle.push(arena)
      return findings
    } finally {
      // After an error nobody knows what its sessions are at.
      if (!this.#idle.includes(arena)) await arena.close()
    }
  }

  async #openArena(mistaken: readonly FunctionSource[] = []): Promise<Arena> {
    const config = { connectionString: this.#url }
    if (mistaken.length === 0) return Arena.open(config, [PAUSED])
    this.#schemas += 1
    const schema = `mistaken_${this.#schemas}`
    await this.#makeSchema(schema, mistaken)
    return Arena.open(config, [schema, PAUSED])
  }

  async #explore(
    arena: Arena,
    pair: Pair,
    { all = false, inPart = false, isEnough = () => false }: TrialOptions,
  ): Promise<Findings> {
    const findings: Findings = {
      schedules: 0,
      failures: [],
      lockFaults: new Set(),
      ends: new Set(),
      answers: [],
    }
    const untouched = await this.#makeWorld(arena)
    const before = await untouched.snapshot()
    const serial = inPart ? undefined : await this.#runSerially(arena, pair, ordersOf(pair(untouched)))
    const begin = async () => {
      const world = await this.#makeWorld(arena)
      return Race.begin(arena, { world, calls: pair(world), traits: this.#traits })
    }
    const finish = async ({ world, moments, answers, errors }: Race, schedule: readonly Step[]) => {
      const outbox = await world.outbox(answers)
      findings.schedules += 1
      this.#schedules += 1
      findings.answers.push(answers)
      findings.ends.add(JSON.stringify(moments.at(-1)))
      for (const fault of lockFaultsOf(schedule)) findings.lockFaults.add(fault)
      const faults = faultsOf({ moments: [before, ...moments], answers, outbox, errors }, serial)
      if (faults.length > 0) findings.failures.push({ schedule, faults })
    }
    await explore(begin, finish, { all, isEnough: () => isEnough(findings) })
    return findings
  }

  /** How it ends when one transaction comes after the other, or when who gives way does nothing. */
  async #runSerially(arena: Arena, pair: Pair, orders: readonly Side[][]): Promise<Snapshot[]> {
    const ends: Snapshot[] = []
    for (const order of orders) {
      const world = await this.#makeWorld(arena)
      const { a, b } = pair(world)
      const left: Record<Side, Call[]> = { a: callsFrom(a), b: callsFrom(b) }
      for (const call of order.flatMap((side) => left[side].splice(0, 1))) await arena.callAlone(call)
      ends.push(await world.snapshot())
    }
    return ends
  }

  async #makeWorld({ control }: Arena): Promise<World> {
    this.#worlds += 1
    return World.make(control, this.#worlds)
  }

  async #makeSchema(schema: string, functions: readonly FunctionSource[]): Promise<void> {
    await this.#script(`create schema ${schema}; set search_path = ${schema}, public; set check_function_bodies = off;
      ${functions.map(withPauses).join('\n')}`)
  }

  async #script(text: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url })
    await client.connect()
    await client.query(text)
    await client.end()
  }
}

const PAUSED = 'paused'

/** In which orders the calls of two sides may turn out to have come; those that skip what is locked may not have come. */
function ordersOf({ a, b }: Calls): Side[][] {
  const [ofA, ofB] = [callsFrom(a).length, callsFrom(b).length]
  return [
    ...mergesOf(ofA, ofB),
    ...(a.skipsLocked ? mergesOf(0, ofB) : []),
    ...(b.skipsLocked ? mergesOf(ofA, 0) : []),
    ...(a.skipsLocked && b.skipsLocked ? mergesOf(0, 0) : []),
  ]
}

/** Every order of so many of one side and so many of the other. */
function mergesOf(a: number, b: number): Side[][] {
  if (a === 0 || b === 0) return [[...Array<Side>(a).fill('a'), ...Array<Side>(b).fill('b')]]
  return [
    ...mergesOf(a - 1, b).map((order): Side[] => ['a', ...order]),
    ...mergesOf(a, b - 1).map((order): Side[] => ['b', ...order]),
  ]
}
