import { RequestError, type RoomId } from '@tally/protocol'
import type { DeviceId } from '../core/ledger-step.ts'
import type { ActionContext, Caller } from './context.ts'

export type OpenRoom = {
  roomId: RoomId
  /** Read to the head of this moment. Clients that confirm what was really seen say false. */
  read: boolean
}

export type OpenedRoom = {
  /** The room's head when it was opened: later messages come over the wire. */
  seq: number
  /** The room's change by then, or an earlier one. */
  change: number
  readSeq: number
  readEpoch: number
}

/**
 * A device shows a room: from now on the room is left out of the person's badge (a lease, no database write), and with
 * `read` it is read to its head. The caller's edge has subscribed the device before, holding frames back until this
 * answers, so that nothing falls between head and subscription.
 *
 * @throws RequestError `room_not_found`, `overloaded`, `storage_unavailable`; the lease is gone again then. A room that was
 * open before stays so where it could not be opened once more for the moment (`later`).
 */
export async function openRoom(
  ctx: ActionContext,
  caller: Caller & { deviceId: DeviceId },
  { roomId, read }: OpenRoom,
): Promise<OpenedRoom> {
  const { userId, deviceId } = caller
  const device = ctx.devices.get(deviceId)
  // What is open and opened once more, after a gap, stays open meanwhile.
  const wasOpen = device?.rooms.has(roomId) === true
  if (!wasOpen) device?.rooms.set(roomId, undefined)
  device?.markedUnread.delete(roomId)
  const visit = { userId, deviceId, roomId }
  try {
    const member = await ctx.visits.ask({ kind: 'open', ...visit })
    if (member === undefined) throw new RequestError('room_not_found')
    const { seq, change, readSeq, readEpoch } = member
    // Most rooms that people look into have nothing new: those cost no commit.
    if (!read || readSeq >= seq) return { seq, change, readSeq, readEpoch }
    const now = await ctx.groups.readHead({ userId, roomId })
    // Marked unread in between, and read again by this.
    if (now.readEpoch !== readEpoch)
      await ctx.visits.ask({ kind: 'open', ...visit, readEpoch: now.readEpoch })
    // Each message since the look was a change, at least.
    return { seq: now.readSeq, change: change + now.readSeq - seq, ...now }
  } catch (error) {
    if (wasOpen && error instanceof RequestError && error.retry === 'later') throw error
    device?.rooms.delete(roomId)
    device?.markedUnread.delete(roomId)
    await ctx.visits.ask({ kind: 'close', ...visit })
    throw error
  }
}
