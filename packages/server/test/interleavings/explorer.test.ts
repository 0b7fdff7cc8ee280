import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explore, type Run, type Side, type Step } from '../../test-support/interleaving-explorer.ts'

// The explorer leaves out schedules that end like others. Here it explores a database so small that every schedule can
// be run, to see that none was left out that ends otherwise.

type Register = 'x' | 'y' | 'z'
type Statement =
  | { kind: 'read' | 'lock'; register: Register }
  /** Locks the register and writes what was read so far. */
  | { kind: 'write'; register: Register }
  /** Locks the register if nobody else has. */
  | { kind: 'lock if free'; register: Register }
  /** Locks the register while nobody has written it, which is asked once more after waiting for it. */
  | { kind: 'lock if new'; register: Register }
  /** Makes a row that only one of them can make: no row is there to be locked before. */
  | { kind: 'insert'; register: Register }
type Program = readonly Statement[]

/** Two transactions in READ COMMITTED: they see what is committed, wait for what is locked, and publish at the end. */
class ToyRun implements Run {
  readonly committed: Record<Register, string> = { x: '0', y: '0', z: '0' }
  readonly #programs: Readonly<Record<Side, Program>>
  readonly #at: Record<Side, number> = { a: 0, b: 0 }
  readonly #seen: Record<Side, string> = { a: 'a', b: 'b' }
  readonly #held: Record<Side, Map<Register, string | undefined>> = { a: new Map(), b: new Map() }
  readonly #inserted: Record<Side | 'committed', Set<Register>> = {
    a: new Set(),
    b: new Set(),
    committed: new Set(),
  }
  #waiting: { step: { -readonly [K in keyof Step]: Step[K] }; statement: Statement } | undefined
  #isDeadlocked = false

  constructor(programs: Readonly<Record<Side, Program>>) {
    this.#programs = programs
  }

  get enabled(): Side[] {
    if (this.#isDeadlocked) return []
    return (['a', 'b'] as const).filter(
      (side) => this.#waiting?.step.side !== side && this.#at[side] <= this.#programs[side].length,
    )
  }

  /** What everybody saw and what was left behind. */
  get end(): string {
    return this.#isDeadlocked
      ? 'deadlock'
      : JSON.stringify([this.committed, [...this.#inserted.committed].sort(), this.#seen])
  }

  async step(side: Side): Promise<Step> {
    const place = this.#at[side]
    const statement = this.#programs[side][place]
    this.#at[side] += 1
    const step = {
      side,
      place: `${place}`,
      locked: new Set<string>(),
      lockedBeforeWaiting: new Set<string>(),
      waited: false,
      skips: new Set(statement?.kind === 'lock if free' ? [statement.register] : []),
      inserts: statement?.kind === 'insert',
      publishes: statement === undefined && this.#held[side].size + this.#inserted[side].size > 0,
    }
    if (statement === undefined) this.#commit(side)
    else if (statement.kind === 'read') this.#seen[side] += this.#valueFor(side, statement.register)
    else if (!this.#isTaken(side, statement)) step.locked = this.#take(side, statement)
    else if (statement.kind !== 'lock if free') {
      step.waited = true
      if (this.#waiting !== undefined) this.#isDeadlocked = true
      this.#waiting = { step, statement }
    }
    return step
  }

  #commit(side: Side): void {
    for (const [register, value] of this.#held[side])
      if (value !== undefined) this.committed[register] = value
    this.#held[side].clear()
    for (const register of this.#inserted[side]) this.#inserted.committed.add(register)
    this.#inserted[side].clear()
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#waiting = undefined
    waiting.step.locked = this.#take(waiting.step.side, waiting.statement)
  }

  #isTaken(side: Side, { kind, register }: Statement): boolean {
    const other = otherOf(side)
    if (kind === 'lock if new' && this.#valueFor(side, register) !== '0') return false
    return kind === 'insert' ? this.#inserted[other].has(register) : this.#held[other].has(register)
  }

  #take(side: Side, { kind, register }: Statement): Set<string> {
    if (kind === 'insert') {
      if (this.#inserted.committed.has(register)) this.#seen[side] += '?'
      else this.#inserted[side].add(register)
      return new Set()
    }
    if (kind === 'lock if new' && this.#valueFor(side, register) !== '0') return new Set()
    const newly = this.#held[side].has(register) ? [] : [`${register} `]
    const value = kind === 'write' ? `(${this.#seen[side]})` : this.#held[side].get(register)
    this.#held[side].set(register, value)
    if (kind === 'lock if free') this.#seen[side] += '!'
    return new Set(newly)
  }

  #valueFor(side: Side, register: Register): string {
    return this.#held[side].get(register) ?? this.committed[register]
  }
}

function otherOf(side: Side): Side {
  return side === 'a' ? 'b' : 'a'
}

async function endsOf(programs: Readonly<Record<Side, Program>>, options: { all: boolean }) {
  const ends = new Set<string>()
  let schedules = 0
  const finish = ({ end }: ToyRun) => {
    schedules += 1
    ends.add(end)
  }
  await explore(async () => new ToyRun(programs), finish, options)
  return { ends, schedules }
}

describe('the explorer', () => {
  test('misses no end that any interleaving leads to', async () => {
    const register = fc.constantFrom<Register>('x', 'y', 'z')
    const kind = fc.constantFrom<Statement['kind']>(
      'read',
      'lock',
      'write',
      'lock if free',
      'lock if new',
      'insert',
    )
    const program = fc.array(fc.record({ kind, register }), { maxLength: 4 })
    let allSchedules = 0
    let fewSchedules = 0
    await fc.assert(
      fc.asyncProperty(program, program, async (a, b) => {
        const all = await endsOf({ a, b }, { all: true })
        const few = await endsOf({ a, b }, { all: false })
        expect(few.ends).toEqual(all.ends)
        expect(few.schedules).toBeLessThanOrEqual(all.schedules)
        allSchedules += all.schedules
        fewSchedules += few.schedules
      }),
      { numRuns: 1_000 },
    )
    expect(fewSchedules).toBeLessThan(allSchedules / 3)
  })

  test('runs every order of steps that notice each other', async () => {
    const increment: Program = [
      { kind: 'read', register: 'x' },
      { kind: 'write', register: 'x' },
    ]
    const { ends } = await endsOf({ a: increment, b: increment }, { all: false })
    // One after the other, in both orders, and both times the other's write is lost.
    expect(ends.size).toBe(4)
  })

  test('finds a deadlock', async () => {
    const lock = (register: Register): Statement => ({ kind: 'lock', register })
    const { ends } = await endsOf({ a: [lock('x'), lock('y')], b: [lock('y'), lock('x')] }, { all: false })
    expect(ends).toContain('deadlock')
  })

  test('runs steps that cannot notice each other once', async () => {
    const a: Program = [{ kind: 'read', register: 'x' }]
    const b: Program = [...a, { kind: 'read', register: 'y' }]
    expect((await endsOf({ a, b }, { all: true })).schedules).toBe(10)
    expect((await endsOf({ a, b }, { all: false })).schedules).toBe(1)
  })
})
