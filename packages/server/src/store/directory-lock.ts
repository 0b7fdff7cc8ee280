import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const FILE_NAME = 'tally.lock'

/** A lock file without content that is younger than this is one whose owner is just writing it. */
const WRITING_MS = 5_000

/** Held until `release`. */
export type DirectoryLock = { release(): void }

type Owner = { pid: number; startedAtMs: number }

/**
 * Takes a folder for this process alone: the embedded database has no lock of its own, and two processes writing to
 * one folder would destroy it. The lock is a file that names its process; that of a process which no longer lives is
 * taken over.
 *
 * @throws Error naming the folder and the process that holds it.
 */
export function lockDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true })
  const file = resolve(join(directory, FILE_NAME))
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (create(file)) return { release: () => rmSync(file, { force: true }) }
    if (isHeld(file)) {
      const holder = ownerOf(file)?.pid ?? 'another process'
      throw new Error(
        `${resolve(directory)} is in use by process ${holder}; stop it, or set another DATA_DIR`,
      )
    }
    removeStale(file)
  }
  throw new Error(`${file} could not be taken; remove it if no Tally runs on this folder`)
}

function create(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(thisProcess()), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Moved aside first: of two that find the same stale file one moves it, and the other gives a fresh one back. */
function removeStale(file: string): void {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  if (isHeld(aside)) renameSync(aside, file)
  else rmSync(aside, { force: true })
}

function isHeld(file: string): boolean {
  const owner = ownerOf(file)
  if (owner !== undefined) return isAlive(owner)
  try {
    return Date.now() - statSync(file).mtimeMs < WRITING_MS
  } catch {
    return false
  }
}

function ownerOf(file: string): Owner | undefined {
  try {
    const { pid, startedAtMs } = JSON.parse(readFileSync(file, 'utf8'))
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, startedAtMs: Number(startedAtMs) } : undefined
  } catch {
    return undefined
  }
}

function isAlive({ pid, startedAtMs }: Owner): boolean {
  // In a container every start has the same id: one that began at another time is not this process but its predecessor.
  if (pid === process.pid) return Math.abs(startedAtMs - thisProcess().startedAtMs) < 1_000
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It lives and belongs to somebody else.
    return codeOf(error) === 'EPERM'
  }
}

function thisProcess(): Owner {
  return { pid: process.pid, startedAtMs: Math.round(performance.timeOrigin) }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
