/** One of the two connections. */
export type Side = 'a' | 'b'

/** The place of the step that ends a transaction. */
export const COMMIT = 'commit'

/** One step of one side, with everything about it that the other side could notice. */
export type Step = {
  readonly side: Side
  /** The step by its name. */
  readonly place: string
  /** Rows that it locked and that its side still holds. A step that waits fills them in when it is through. */
  readonly locked: ReadonlySet<string>
  /** Those of them that it had locked when it began to wait. */
  readonly lockedBeforeWaiting: ReadonlySet<string>
  /** Whether it waited for the other side. */
  readonly waited: boolean
  /** Kinds of rows, the first words of their names, of which it skips those that are locked, and so sees the locks. */
  readonly skips: ReadonlySet<string>
  /** Whether it inserts rows, which the other side may stumble over at a unique index. */
  readonly inserts: boolean
  /** Whether it commits something, or lets go of what it had locked: only then the other side can see it. */
  readonly publishes: boolean
}

/** Two sides that are under way, from the beginning on. */
export interface Run {
  /** Which sides can go on: the others are over, or wait for a row. */
  readonly enabled: readonly Side[]
  /**
   * Lets one of them take one step.
   * @param known the very same step as another run took it: what there is to know about it, it says already.
   */
  step(side: Side, known?: Step): Promise<Step>
}

/** A point in a schedule: what was possible there, what was done, and what else has been or must be tried. */
type Node = {
  readonly enabled: readonly Side[]
  /** Sides whose next step was tried before and is not touched by anything since: going there again shows nothing new. */
  readonly asleep: ReadonlyMap<Side, Step>
  readonly tried: Map<Side, Step>
  readonly wanted: Set<Side>
  chosen: Side
  step: Step
}

export type ExploreOptions = {
  /** Without leaving anything out: really every order. */
  all?: boolean | undefined
  /** Asked after each schedule: whether to look no further. */
  isEnough?: (() => boolean) | undefined
}

/**
 * Runs two sides through every interleaving of their steps, depth first, each time from the beginning.
 *
 * Two schedules that differ only in the order of neighbouring steps which cannot notice each other are one: they come
 * to the same end, so one of them is run. In READ COMMITTED a step notices only what the other side committed and what
 * it has locked, which makes of millions of interleavings a handful. After each schedule the pairs of steps that did
 * notice each other are looked up, and wherever such a pair can be turned round, the other side is tried (dynamic
 * partial order reduction: Flanagan and Godefroid 2005; source sets and sleep sets: Abdulla et al. 2014).
 *
 * @param begin a new run; it must do the same after the same choices.
 * @param finish told of each schedule once nobody can go on.
 */
export async function explore<R extends Run>(
  begin: () => Promise<R>,
  finish: (run: R, schedule: readonly Step[]) => void | Promise<void>,
  { all = false, isEnough = () => false }: ExploreOptions = {},
): Promise<void> {
  const path: Node[] = []
  do {
    const run = await begin()
    for (const node of path) {
      node.step = await run.step(node.chosen, node.step.side === node.chosen ? node.step : undefined)
    }
    const isNew = await extend(run, path, all)
    while (run.enabled[0] !== undefined) await run.step(run.enabled[0])
    if (isNew) {
      await finish(
        run,
        path.map(({ step }) => step),
      )
    }
    findReversals(path)
  } while (!isEnough() && turnBack(path))
}

/** @returns false when everything that is left has been seen by another way. */
async function extend(run: Run, path: Node[], all: boolean): Promise<boolean> {
  while (run.enabled.length > 0) {
    const asleep = all ? new Map<Side, Step>() : asleepAfter(path.at(-1))
    const enabled = [...run.enabled]
    const chosen = enabled.find((side) => !asleep.has(side))
    if (chosen === undefined) return false
    const step = await run.step(chosen)
    path.push({ enabled, asleep, tried: new Map(), wanted: new Set(all ? enabled : [chosen]), chosen, step })
  }
  return true
}

function asleepAfter(node: Node | undefined): Map<Side, Step> {
  if (node === undefined) return new Map()
  return new Map(
    [...node.asleep, ...node.tried].filter(
      ([side, step]) => side !== node.chosen && !notice(step, node.step),
    ),
  )
}

/** Marks the points at which the other side must be tried, because a later step of it noticed what was done there. */
function findReversals(path: readonly Node[]): void {
  const pasts: Set<number>[] = []
  for (const [index, { step }] of path.entries()) {
    // Everything that must come before this step: what it noticed, and what that noticed.
    const past = new Set<number>()
    for (let before = index - 1; before >= 0; before -= 1) {
      const earlier = path[before]
      if (earlier === undefined || past.has(before)) continue
      const isSameSide = earlier.step.side === step.side
      if (!isSameSide && !notice(earlier.step, step)) continue
      if (!isSameSide && earlier.enabled.includes(step.side)) earlier.wanted.add(step.side)
      past.add(before)
      for (const further of pasts[before] ?? []) past.add(further)
    }
    pasts.push(past)
  }
}

/** Goes back to the last point at which something is still to be tried. @returns false when there is none. */
function turnBack(path: Node[]): boolean {
  for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
    const { tried, wanted, asleep } = node
    tried.set(node.chosen, node.step)
    const next = [...wanted].find((side) => !tried.has(side) && !asleep.has(side))
    if (next !== undefined) {
      node.chosen = next
      return true
    }
    path.pop()
  }
  return false
}

/** Whether it matters which of two steps of different sides comes first. */
function notice(one: Step, other: Step): boolean {
  return (
    one.publishes ||
    other.publishes ||
    (one.inserts && other.inserts) ||
    seesLocksOf(one, other) ||
    seesLocksOf(other, one) ||
    !one.locked.isDisjointFrom(other.locked)
  )
}

function seesLocksOf(one: Step, other: Step): boolean {
  // What a step waited for need not be among what it got in the end, so any lock may have been it.
  if (one.waited) return other.locked.size > 0
  return [...other.locked].some((row) => one.skips.has(row.slice(0, row.indexOf(' '))))
}
