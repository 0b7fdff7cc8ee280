import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { findPostgres } from '../../../scripts/find-postgres.mjs'

/** What the figures were made on. */
export type Machine = {
  cores: number
  cpu: string
  memoryGb: number
  node: string
  postgres: string
  redis: string
  commit: string
}

export function describeMachine(): Machine {
  const programs = findPostgres()
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: programs ? said(join(programs, 'postgres'), ['--version']) : 'unknown',
    redis: said('redis-server', ['--version']).replace(/ sha=.*/, ''),
    commit: commitOf(),
  }
}

/** The commit that is measured. */
export function commitOf(): string {
  return said('git', ['rev-parse', '--short', 'HEAD'])
}

function said(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}
