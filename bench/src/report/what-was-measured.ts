import { PEERS } from '../../peers/peers.ts'
import { SCENARIOS } from '../scenarios/all-scenarios.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { smoke } from '../scenarios/smoke.ts'
import { anchorOf } from './anchor.ts'
import type { Kept } from './kept-results.ts'
import { markdownTable } from './markdown-table.ts'
import type { Failure, Written } from './result.ts'

/** Every scenario there is: how it stands, and what measures it again. */
export function whatWasMeasured({ results, failures }: Kept): string {
  const rows = SCENARIOS.flatMap((scenario) => {
    const written = results.find((result) => result.scenario === scenario.name)
    const failure = failures.find((failed) => failed.scenario === scenario.name)
    // A look at the product before it is changed, not a part of the report.
    if (scenario.name === smoke.name && written === undefined) return []
    return [
      [
        written === undefined
          ? `\`${scenario.name}\``
          : `[\`${scenario.name}\`](#${anchorOf(written.title)})`,
        scenario.about,
        [failedOf(failure), standing(written)].filter((words) => words !== '').join('; '),
        written?.rounds ?? '–',
        `\`${commandOf(scenario, written)}\``,
        written === undefined ? '–' : `${written.tookSeconds} s`,
      ],
    ]
  })
  return markdownTable(['', '', '', 'rounds', '', 'took'], rows)
}

function standing(written: Written | undefined): string {
  if (written === undefined) return '**not measured**'
  const voided = written.voidBecause.length > 0 ? ', **void**' : ''
  return `measured at \`${written.machine.commit}\`${voided}`
}

function failedOf(failure: Failure | undefined): string {
  return failure === undefined
    ? ''
    : `**the last try failed** (${failure.failedAt.slice(0, 10)}, ${failure.commit}): ${failure.why}`
}

/** What measures the same again, everybody who was there included. */
export function commandOf({ name }: Pick<Scenario, 'name'>, written: Written | undefined): string {
  const rows = written?.tables.flatMap((table) => table.rows) ?? []
  const peers = PEERS.map((peer) => `\`${peer.name}\``)
  const hasPeers = rows.some(([first]) => peers.some((name) => name === first))
  const flags = [written?.flags ?? '', hasPeers ? '--peers' : ''].filter((flag) => flag !== '')
  return ['npm run bench --', name, '--report', ...flags].join(' ')
}
