import type { RoomRow } from '../../bus/frames.ts'

/** A row on its way to a device. */
export type OutgoingRow = {
  readonly row: RoomRow
  /** When the message that caused it was accepted, in monotonic ms; absent where none did. */
  readonly acceptedAtMs?: number
}
