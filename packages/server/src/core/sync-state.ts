import { hash } from 'node:crypto'
import type { LiveSigns, RoomId } from '@tally/protocol'
import type { LedgerRoom } from './ledger-step.ts'

/** What a client says it has: the rev of its last sync, and per room it wants messages of, up to which change. */
export type SyncPosition = {
  since?: number | undefined
  rooms: readonly { roomId: RoomId; change: number }[]
}

/** What the ledger says of a person: the version of everything, and the heads of the rooms the client named. */
export type SyncState = {
  rev: number
  heads: readonly Pick<LedgerRoom, 'roomId' | 'change' | 'left'>[]
}

/**
 * Whether there is anything to tell. Decided from the ledger alone, so that a poll that finds nothing costs no query.
 * A client may be ahead of the ledger in a room (its last answer was read from the database, which is first): nothing
 * to tell then. A room the person is not in never has anything to tell.
 */
export function hasMoved({ rev, heads }: SyncState, { since, rooms }: SyncPosition): boolean {
  if (since !== rev) return true
  return rooms.some(({ roomId, change }) => (headOf(heads, roomId) ?? change) > change)
}

/** Names the state of everything a sync answer is made of: the rev, the heads of the rooms named, and live signs. */
export function syncEtag({ rev, heads }: SyncState, { rooms }: SyncPosition, live?: LiveSigns): string {
  const named = rooms.map(({ roomId }) => `${roomId}\n${headOf(heads, roomId) ?? ''}`).sort()
  const text = named.join('\n') + (live === undefined ? '' : JSON.stringify(live))
  return `"${rev}-${hash('sha256', text, 'base64url').slice(0, 16)}"`
}

/**
 * Whether an `If-None-Match` names this etag. A proxy that compresses answers makes weak ones of them (`W/`), which
 * are as good here, and some send several. (RFC 9110, 13.1.2.)
 */
export function namesEtag(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}

function headOf(heads: SyncState['heads'], roomId: RoomId): number | undefined {
  const head = heads.find((room) => room.roomId === roomId)
  return head === undefined || head.left ? undefined : head.change
}
