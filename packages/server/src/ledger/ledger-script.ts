import { readFileSync } from 'node:fs'
import { REVS_PER_WARM } from '../core/user-entry.ts'
import { WARM_TAKEOVER_MS } from '../core/warming.ts'

/** One script, in chapters: each uses those before it. */
const CHAPTERS = [
  'ids',
  'rooms',
  'entries',
  'leases',
  'answers',
  'badge',
  'warming',
  'ordinary',
  'operations',
]

/** The Lua that is the ledger rule on Redis: a `RedisFunction`. */
export function ledgerScript(): string {
  const constants = `local REVS_PER_WARM = ${REVS_PER_WARM}\nlocal WARM_TAKEOVER_MS = ${WARM_TAKEOVER_MS}\n`
  const chapters = CHAPTERS.map((name) => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8'))
  return constants + chapters.join('\n')
}
