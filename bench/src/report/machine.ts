import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { findEjabberd } from '../../../scripts/find-ejabberd.mjs'
import { findPostgres } from '../../../scripts/find-postgres.mjs'
import { findProsody } from '../../../scripts/find-prosody.mjs'
import type { Disk } from '../measure/disk.ts'

/** What the figures were made on. */
export type Machine = {
  cores: number
  cpu: string
  memoryGb: number
  system: string
  node: string
  postgres: string
  redis: string
  /** `none` where there is none to compare with. */
  ejabberd: string
  /** The same; absent where it was not looked for. */
  prosody?: string
  commit: string
  /** What PostgreSQL writes to, where that was looked at. */
  disk?: Disk
}

/** What is measured, what it runs on, and what measures it: a change of anything else changes no figure. */
const MEASURED = [
  ':/packages/server',
  ':/packages/protocol',
  ':/bench',
  ':/scripts',
  ':/package.json',
  ':/package-lock.json',
]

export function describeMachine(): Machine {
  const programs = findPostgres()
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('-')[0]}`,
    node: process.version,
    postgres: programs ? versionIn(said(join(programs, 'postgres'), ['--version'])) : 'unknown',
    redis: versionIn(said('redis-server', ['--version'])),
    ejabberd: findEjabberd()?.version ?? 'none',
    prosody: findProsody()?.version ?? 'none',
    commit: commitOf(),
  }
}

/** The last commit of what is measured; with a plus where that was changed since. */
export function commitOf(): string {
  const commit = said('git', ['log', '-1', '--format=%h', '--', ...MEASURED])
  const isChanged = said('git', ['status', '--porcelain', '--', ...MEASURED]) !== ''
  return isChanged ? `${commit}+` : commit
}

const versionIn = (words: string): string => /\d+(\.\d+)+/.exec(words)?.[0] ?? 'unknown'

function said(program: string, args: readonly string[]): string {
  try {
    const cwd = import.meta.dirname
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore']
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio }).trim()
  } catch {
    return 'unknown'
  }
}
