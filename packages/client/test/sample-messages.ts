import type { Change, IsoTime, Message, MessageId, MessagePage, RoomId, Seq, UserId } from '@tally/protocol'

export const ROOM = 'room' as RoomId
export const ANN = 'ann' as UserId
export const BEN = 'ben' as UserId

/** A message for tests of what is pure. */
export function message(seq: number, change: number, parts: Partial<Message> = {}): Message {
  return {
    id: `m${seq}` as MessageId,
    roomId: ROOM,
    seq: seq as Seq,
    change: change as Change,
    senderId: ANN,
    type: 'regular',
    text: `text ${seq}`,
    createdAt: `2026-01-01T00:00:${String(seq % 60).padStart(2, '0')}.000000Z` as IsoTime,
    reactions: [],
    attachments: [],
    ...parts,
  }
}

export function page(
  items: Message[],
  {
    hasBefore = false,
    hasAfter = false,
    change,
  }: { hasBefore?: boolean; hasAfter?: boolean; change: number },
): MessagePage {
  return { items, hasBefore, hasAfter, change: change as Change }
}
