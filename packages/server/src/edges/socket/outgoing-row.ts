import type { RoomId } from '@tally/protocol'
import type { RoomRow } from '../../bus/frames.ts'

/** A row on its way to a device. */
export type OutgoingRow = {
  readonly row: RoomRow
  /** When the message that caused it was accepted, in monotonic ms; absent where none did. */
  readonly acceptedAtMs?: number
}

type RowsByRoom = {
  get(roomId: RoomId): OutgoingRow | undefined
  set(roomId: RoomId, outgoing: OutgoingRow): unknown
}

/** The latest of each room. One that was held up on the way takes no place of a newer one. */
export function putNewer(rows: RowsByRoom, outgoing: OutgoingRow): void {
  const { roomId, rev } = outgoing.row
  const known = rows.get(roomId)
  if (known === undefined || known.row.rev <= rev) rows.set(roomId, outgoing)
}
