/** Who was at work at a rate that was too much: in cores. */
export type AtWork = {
  serverShare: number
  /** How many processes share that. */
  serverCount: number
  /** Whether each of them has use for more than one core. */
  isServerParallel: boolean
  databaseShare: number
  redisShare: number
  generatorShare: number
  /** All that ran on the machine, and what its host took away from it. */
  machineShare: number
  stolenShare: number
  /** What the machine has. */
  cores: number
}

/** A process that runs on one core has no more to give from here on: queues grow without an end. */
const FULL = 0.85
/** A machine of which this much is in use keeps everybody waiting for a turn. */
const MACHINE_FULL = 0.9
/** What others take is told from here on. */
const OTHERS_MIN = 0.2

/** @returns whose processor was at its end, or that nobody's was. */
export function bottleneckOf(used: AtWork): string {
  const each = used.serverShare / used.serverCount
  if (!used.isServerParallel && each >= FULL) return fullText('its server', each, used.serverCount)
  if (used.redisShare >= FULL) return fullText('Redis', used.redisShare, 1)
  const taken = used.machineShare + used.stolenShare
  const what = taken >= MACHINE_FULL * used.cores ? 'the machine' : 'waiting for answers and for the disk'
  return `${what}: ${taken.toFixed(2)} of ${used.cores} cores in use${othersText(used)}, most by ${mostOf(used)}`
}

/** What was taken by those who do not belong to the bench: on this machine, and on its host. */
function othersText({ machineShare, stolenShare, ...used }: AtWork): string {
  const own = used.serverShare + used.databaseShare + used.redisShare + used.generatorShare
  const others = Math.max(0, machineShare - own) + stolenShare
  return others < OTHERS_MIN ? '' : ` (${others.toFixed(2)} by others)`
}

function fullText(name: string, share: number, count: number): string {
  const processes = count === 1 ? '' : ` each of ${count}`
  return `${name}:${processes} ${share.toFixed(2)} of the one core it runs on`
}

function mostOf({ serverShare, databaseShare, redisShare, generatorShare }: AtWork): string {
  const named = [
    ['its server', serverShare],
    ['PostgreSQL', databaseShare],
    ['Redis', redisShare],
    ['the generator', generatorShare],
  ] as const
  const [name, share] = named.reduce((most, one) => (one[1] > most[1] ? one : most))
  return `${name} (${share.toFixed(2)})`
}
