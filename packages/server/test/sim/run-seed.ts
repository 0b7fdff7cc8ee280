import { type MoreOften, step } from './actions.ts'
import type { BrokenRule } from './broken-rules.ts'
import { breakClasses } from './broken-rules.ts'
import { checkApps, checkBadges, checkDatabase, checkMessages, checkOpens, checkScreens } from './oracle.ts'
import type { Sometimes } from './sometimes.ts'
import { VirtualTime } from './virtual-time.ts'
import { World } from './world.ts'

export type RunOptions = {
  readonly seed: number
  /** How much happens before everything comes to rest. */
  readonly steps?: number
  /** Faults by name that do not strike. */
  readonly without?: ReadonlySet<string>
  /** A mistake on purpose. */
  readonly broken?: BrokenRule | undefined
  readonly moreOften?: MoreOften
}

export type RunResult = {
  readonly trace: readonly string[]
  readonly counts: ReadonlyMap<Sometimes, number>
  /** What was wrong. */
  readonly violation: Error | undefined
}

export const STEPS = 80

/** Longer than leases, than it takes to see that a connection is dead, and than clients wait before they try again. */
const REST_MS = 65_000
const CLOSING_MS = 8_000
const RECONNECTING_MS = 5_000

/** One run, in virtual time: the same seed, the same trace. */
export async function runSeed({
  seed,
  steps = STEPS,
  without = new Set(),
  broken,
  moreOften,
}: RunOptions): Promise<RunResult> {
  const time = new VirtualTime()
  time.install()
  const mend = breakClasses(broken)
  const world = new World({ seed, time, without, broken })
  const { journal } = world
  const { random } = Math
  const chance = world.chance('Math.random')
  Math.random = () => chance.next()
  const onBug = (error: unknown): void => journal.bug(error)
  process.on('uncaughtException', onBug)
  process.on('unhandledRejection', onBug)
  try {
    const violation = await play(world, { steps, moreOften }).then(
      () => journal.bugs[0],
      (error: Error) => journal.bugs[0] ?? error,
    )
    await world.end()
    return { trace: journal.lines, counts: journal.counts, violation }
  } finally {
    process.off('uncaughtException', onBug)
    process.off('unhandledRejection', onBug)
    mend()
    Math.random = random
    time.uninstall()
  }
}

type Play = { steps: number; moreOften: MoreOften | undefined }

async function play(world: World, { steps, moreOften }: Play): Promise<void> {
  const { time, journal } = world
  const chance = world.chance('steps')
  await time.pass(1_000)
  for (let done = 0; done < steps; done += 1) await step(world, chance, moreOften)
  world.endFaults()
  for (const poller of world.pollers) poller.show(undefined)
  journal.note('all goes well again')
  await time.pass(REST_MS)
  journal.note('at rest')
  checkDatabase(world)
  checkMessages(world)
  checkScreens(world)
  checkApps(world)
  checkOpens(world)
  await inTime(world, checkBadges(world, { extent: 'the badge' }))
  for (const device of world.devices) device.closeAll()
  for (const app of world.apps) app.close()
  await time.pass(CLOSING_MS)
  journal.note('every room is closed')
  await inTime(world, checkBadges(world, { extent: 'the badge' }))
  for (const device of [...world.devices, ...world.apps]) device.cut()
  await time.pass(RECONNECTING_MS)
  journal.note('every device came back')
  await inTime(world, checkBadges(world, { extent: 'everything' }))
}

/** What is asked takes time, too. */
async function inTime(world: World, asked: Promise<void>): Promise<void> {
  let isOver = false
  const over = asked.finally(() => {
    isOver = true
  })
  // Whoever waits for it below hears of its failure.
  over.catch(() => {})
  while (!isOver) await world.time.pass(10)
  await over
}
