import { parseArgs } from 'node:util'

/** How a run is made; everything has a default. */
export type ChaosOptions = {
  people: number
  perSecond: number
  nodes: number
  crowds: number
  /** Everybody is in a pair and in a group of so many. */
  groupSize: number
  /** One device in so many is our SDK, an app on `socket.io-client`, or polls; the others are lean. */
  realEvery: number
  /** How many reads, and openings or closings of a room, there are per message. */
  readShare: number
  openShare: number
  seed: number
  calmMs: number
  afterMs: number
  scale: number
  patience: number
  /** Two or three faults instead of all. */
  isShort: boolean
  /** The load that is promised for the loss of Redis, and those faults only. */
  isFull: boolean
  /** Only faults whose name contains one of these. */
  only: readonly string[]
  /** Whether the rival is looked at, and Tally. */
  contestants: readonly ('tally' | 'naive-redis')[]
  /** Whether 64 people write to one at once, again and again. */
  hasDrift: boolean
  /** Where the report goes; nowhere when absent. */
  reportFolder: string | undefined
}

export const USAGE = `npm run chaos -- [options]

  --full            2,000 people and 1,000 messages a second (default: 100 and 50), and how Redis is lost, only
  --short           the kill of a node and two losses of Redis only; no report
  --only <texts>    faults whose name contains one of them, with commas between
  --naive           only the naive Redis counters, for comparison
  --no-naive        without them
  --people <n>      --rate <messages/s>   --nodes <n> (default: 3; with --full 1)   --crowds <processes of clients>
  --group-size <n>  everybody is in a pair and in a group of so many (default: 8; with --full 4)
  --real-every <n>  one device in so many is our SDK, an app on socket.io-client, or polls; the others say the same as an
                    app and cost little (default: 1; with --full 40)
  --reads <share>   --opens <share>   reads, and openings or closings of a room, per message (default: 0.5 and 0.05; with
                    --full 0.05 and 0.01)
  --seed <n>        repeats the choices of an earlier run (not its timing)
  --patience <n>    everything that has to happen within a time may take so many times as long
  --report-folder <folder>   where the report goes (default: docs)
  --report          writes one although the run is a part; --no-report: writes none
`

type NumberName =
  | 'people'
  | 'rate'
  | 'nodes'
  | 'crowds'
  | 'group-size'
  | 'real-every'
  | 'reads'
  | 'opens'
  | 'seed'
  | 'patience'

/** @throws TypeError naming the argument that is wrong. */
export function parseOptions(args: readonly string[], nowMs: number): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      full: { type: 'boolean' },
      short: { type: 'boolean' },
      only: { type: 'string' },
      naive: { type: 'boolean' },
      people: { type: 'string' },
      rate: { type: 'string' },
      nodes: { type: 'string' },
      crowds: { type: 'string' },
      'group-size': { type: 'string' },
      'real-every': { type: 'string' },
      reads: { type: 'string' },
      opens: { type: 'string' },
      seed: { type: 'string' },
      patience: { type: 'string' },
      report: { type: 'boolean' },
      'report-folder': { type: 'string', default: 'docs' },
    },
  })
  const isShort = values.short === true
  const isFull = values.full === true
  const number = (name: NumberName, fallback: number): number => {
    const given = Number(values[name] ?? fallback)
    if (!(given > 0)) throw new TypeError(`--${name} must be a number above 0`)
    return given
  }
  const isPartial = isShort || values.only !== undefined || values.naive === true
  return {
    people: number('people', isFull ? 2_000 : isShort ? 40 : 100),
    perSecond: number('rate', isFull ? 1_000 : isShort ? 25 : 50),
    nodes: number('nodes', isFull ? 1 : 3),
    crowds: number('crowds', 2),
    groupSize: number('group-size', isFull ? 4 : 8),
    realEvery: number('real-every', isFull ? 40 : 1),
    readShare: number('reads', isFull ? 0.05 : 0.5),
    openShare: number('opens', isFull ? 0.01 : 0.05),
    seed: number('seed', (nowMs % 1_000_000) + 1),
    calmMs: isShort ? 1_500 : 4_000,
    afterMs: isShort ? 3_000 : 8_000,
    scale: isShort ? 0.2 : 1,
    patience: number('patience', 1),
    isShort,
    isFull,
    only: values.only?.split(',') ?? [''],
    contestants:
      values.naive === true
        ? ['naive-redis']
        : values.naive === false || isShort || isFull
          ? ['tally']
          : ['tally', 'naive-redis'],
    hasDrift: (!isPartial && !isFull) || values.naive === true,
    reportFolder: (values.report ?? !isPartial) ? values['report-folder'] : undefined,
  }
}
