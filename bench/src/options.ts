import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { PEERS } from '../peers/peers.ts'
import { SCENARIOS } from './scenarios/all-scenarios.ts'
import { pairs } from './scenarios/pairs.ts'
import { DEFAULTS, type RunOptions } from './scenarios/scenario.ts'
import { smoke } from './scenarios/smoke.ts'
import { SERVER_PROGRAM } from './servers/contestants.ts'

export type CommandOptions = {
  /** Scenarios, by name; none when the report is only to be written anew. */
  names: readonly string[]
  /** Where the report is. */
  keptFolder: string
  /** The same if it is to be written; nothing is written when absent. */
  reportFolder: string | undefined
  /** Leaves out what stands in the report already, measured at the same commit. */
  isResumed: boolean
  options: RunOptions
}

const LIST = SCENARIOS.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`).join('\n')

export const USAGE = `npm run bench -- <scenario …> [options]

${LIST}
  all            every one of them but smoke, and writes the report
  report         none of them: writes the report and draws its plots from the figures that were kept

  --rounds <n>        rounds, in which the contestants take turns (default: 3)
  --only <names>      contestants, with commas between
  --scale <n>         every duration so many times as long (default: 1)
  --peers             ejabberd and Prosody in pairs and ceiling, too; with \`all\` they are there unless --no-peers says otherwise
  --large             a room with ten million messages in history, too: minutes more, and 4 GB of disk
  --short             everything tiny: whether it works, not how fast it is; no report
  --report            writes the part of these scenarios in the report anew
  --no-report         writes nothing
  --resume            leaves out what stands in the report already, measured at this commit
  --profile <folder>  where servers leave a profile of their processor time when they end
  --against <folder>  another checkout of this repository, its packages installed: pairs has its Tally as \`before\`; no report
  --report-folder <folder>   where the report is (default: docs)
`

/** @throws TypeError naming the argument that is wrong. */
export function parseOptions(args: readonly string[]): CommandOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowNegative: true,
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: String(DEFAULTS.rounds) },
      only: { type: 'string' },
      scale: { type: 'string', default: String(DEFAULTS.scale) },
      short: { type: 'boolean', default: false },
      profile: { type: 'string' },
      report: { type: 'boolean' },
      resume: { type: 'boolean', default: false },
      peers: { type: 'boolean' },
      large: { type: 'boolean', default: false },
      against: { type: 'string' },
      'report-folder': { type: 'string', default: 'docs' },
    },
  })
  const isAll = positionals.includes('all')
  const known = SCENARIOS.map(({ name }) => name)
  const unknown = positionals.find((name) => ![...known, 'all', 'report'].includes(name))
  if (unknown !== undefined)
    throw new TypeError(`there is no scenario ${unknown}: ${known.join(', ')}, all, report`)
  const named = positionals.filter((name) => name !== 'report')
  if (positionals.length === 0) throw new TypeError(`name a scenario: ${known.join(', ')}, all, report`)
  const number = (name: 'rounds' | 'scale'): number => {
    const given = Number(values[name])
    if (!(given > 0)) throw new TypeError(`--${name} must be a number above 0`)
    return given
  }
  const only = values.only?.split(',')
  const isReported = values.report ?? (isAll && !values.short)
  const against =
    values.against === undefined ? undefined : checkoutAt(values.against, { names: positionals, isReported })
  return {
    names: isAll ? known.filter((name) => name !== smoke.name) : named,
    keptFolder: values['report-folder'],
    reportFolder: isReported ? values['report-folder'] : undefined,
    isResumed: values.resume,
    options: {
      isShort: values.short,
      rounds: number('rounds'),
      scale: number('scale'),
      only,
      profileFolder: values.profile,
      withPeers: values.peers ?? (PEERS.some(({ name }) => only?.includes(name)) || (isAll && !values.short)),
      isLarge: values.large,
      against,
    },
  }
}

/** @returns the absolute path. @throws TypeError when there is no Tally in it, or nothing that would compare with it. */
function checkoutAt(
  folder: string,
  { names, isReported }: { names: readonly string[]; isReported: boolean },
): string {
  if (!existsSync(join(folder, SERVER_PROGRAM)))
    throw new TypeError(
      `--against ${folder}: name another checkout of this repository; this has no ${SERVER_PROGRAM}`,
    )
  if (!names.includes(pairs.name) && !names.includes('all'))
    throw new TypeError(`--against is for ${pairs.name} alone: name it, too`)
  if (isReported)
    throw new TypeError(
      '--against and --report exclude each other: the report compares with no other checkout',
    )
  return resolve(folder)
}
