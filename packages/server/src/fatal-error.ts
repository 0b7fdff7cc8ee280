import { RequestError } from '@tally/protocol'
import { ConfigError } from './config.ts'

/** What an operator can do about it, by the code of the operating system's error. */
const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there: stop it, or set another PORT.',
  EADDRNOTAVAIL: 'HOST has to be an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.',
  EACCES: 'Tally may not do that: check PORT, DATA_DIR and the user it runs as.',
  EROFS: 'Tally has to write there: set another DATA_DIR.',
  EEXIST: 'A file is where DATA_DIR has to be a folder.',
  ENOSPC: 'The disk is full.',
}

/** Of the errors that the embedded database's file system throws (WASI's numbers), those that have a hint. */
const WASI_CODES: Readonly<Record<number, string>> = { 2: 'EACCES', 51: 'ENOSPC', 69: 'EROFS' }

const MOST_CAUSES = 5

/**
 * Why the program ends, for whoever started it: what went wrong in words, down to its cause, and what to do. A mistake
 * of ours comes with its stack instead, because nothing else helps to find it.
 */
export function describeFatal(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  if (isMistake(error)) return error.stack ?? error.message
  const causes = [...chainOf(error)]
  const hint = causes.map((cause) => HINTS[codeOf(cause)]).find((found) => found !== undefined)
  const reasons = causes.map(reasonOf).filter((reason) => reason !== '')
  return [`Tally cannot go on: ${reasons.join(': ')}`, ...(hint === undefined ? [] : [hint])].join('\n')
}

function isMistake(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
}

function* chainOf(error: unknown): Generator<unknown> {
  let current = error
  for (let depth = 0; depth < MOST_CAUSES && current !== undefined; depth += 1) {
    yield current
    current = current instanceof Error ? current.cause : undefined
  }
}

function reasonOf(error: unknown): string {
  // Its words are for clients; here the program itself is the client.
  if (error instanceof RequestError && error.code === 'storage_unavailable') return 'the database is away'
  // Of several addresses of one name, none could be reached.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ')
  if (error instanceof Error) return error.message
  // The embedded database throws the errors of its file system, which are no Errors.
  if (typeof error !== 'object' || error === null) return String(error)
  const { name = 'error', message = '', errno } = error as Partial<Record<string, unknown>>
  return `${name} ${message}${errno === undefined ? '' : ` (errno ${errno})`}`
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('errno' in error && !(error instanceof Error)) return WASI_CODES[Number(error.errno)] ?? ''
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
