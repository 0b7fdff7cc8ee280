import { RequestError } from '@tally/protocol'

/**
 * What an error of the database driver means:
 * - `conflict`: the statement was rolled back because of what others did at the same moment; again, it may pass.
 * - `unavailable`: the database cannot be asked right now, or the answer was lost.
 * - `malformed`: a value is not text the database can hold.
 *
 * Everything else is a bug of ours and stays what it is.
 */
export type StorageFault = 'conflict' | 'unavailable' | 'malformed'

/** After Appendix A of PostgreSQL's manual; a class of two characters stands for all its codes. */
const FAULT_OF_SQLSTATE: ReadonlyMap<string, StorageFault> = new Map([
  ['40001', 'conflict'], // serialization_failure
  ['40P01', 'conflict'], // deadlock_detected
  ['55P03', 'conflict'], // lock_not_available: lock_timeout passed
  ['08', 'unavailable'], // connection exceptions
  ['28', 'unavailable'], // the database does not let us in (any more)
  ['3D000', 'unavailable'], // the database is not there
  ['53', 'unavailable'], // out of connections, memory, disk
  ['57014', 'unavailable'], // query_canceled: statement_timeout passed
  ['57P01', 'unavailable'], // admin_shutdown
  ['57P02', 'unavailable'], // crash_shutdown
  ['57P03', 'unavailable'], // cannot_connect_now
  ['57P05', 'unavailable'], // idle_session_timeout
  ['58', 'unavailable'], // disk errors of the server
  ['25006', 'unavailable'], // read_only_sql_transaction: a standby, after a failover
  ['25P03', 'unavailable'], // idle_in_transaction_session_timeout
  ['25P04', 'unavailable'], // transaction_timeout
  ['22021', 'malformed'], // character_not_in_repertoire: NUL
  ['22P02', 'malformed'], // invalid_text_representation
  ['22P05', 'malformed'], // untranslatable_character: lone surrogates
])

/** Bugs of ours although their class is a fault's: a wrong number of parameters looks like a broken connection. */
const BUGS: ReadonlySet<string> = new Set(['08P01'])

/** How long a client should wait before it asks a database again that could not be asked. */
const RETRY_AFTER_MS = 1_000

/** `undefined`: a bug. */
export function storageFaultOf(error: unknown): StorageFault | undefined {
  if (!(error instanceof Error) || isProgrammingError(error)) return undefined
  const code = sqlstateOf(error)
  if (code !== undefined) {
    return BUGS.has(code)
      ? undefined
      : (FAULT_OF_SQLSTATE.get(code) ?? FAULT_OF_SQLSTATE.get(code.slice(0, 2)))
  }
  // No SQLSTATE: it does not come from the server but from the way to it (refused, reset, timed out, closed).
  return 'unavailable'
}

/** The refusal that a fault becomes once nobody will retry it any more. The driver's error stays inside as its cause. */
export function storageUnavailable(cause: unknown): RequestError {
  return new RequestError('storage_unavailable', { retryAfterMs: RETRY_AFTER_MS, cause })
}

/** Whether the server itself refused the statement, so that certainly nothing of it was committed. */
export function isRolledBack(error: unknown): boolean {
  return error instanceof Error && sqlstateOf(error) !== undefined
}

/** Both drivers give the server's errors a severity; EPIPE and its like look like a SQLSTATE and are none. */
function sqlstateOf(error: Error): string | undefined {
  const code = 'severity' in error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function isProgrammingError(error: Error): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof RequestError
  )
}
