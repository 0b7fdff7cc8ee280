import { readFileSync } from 'node:fs'

/** One script, in chapters: each uses those before it. */
const CHAPTERS = ['ids', 'rooms', 'entries', 'leases', 'badge', 'warming', 'operations']

/** The Lua script that is the ledger rule on Redis. */
export function ledgerScript(): string {
  return CHAPTERS.map((name) => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8')).join(
    '\n',
  )
}
