import type { MessageState, SentMessage, Seq, UserId } from '@tally/client'

/** One row of a room's history as it is drawn. Keys stay the same while older or newer rows come. */
export type TimelineRow =
  | { kind: 'day'; key: string; at: string }
  /** Above the first message that was unread when the room was opened. */
  | { kind: 'new'; key: string }
  | { kind: 'system'; key: string; message: SentMessage }
  /** `named`: the first of what one person says, `last`: the last of it, under which the time stands. */
  | { kind: 'message'; key: string; message: MessageState; own: boolean; named: boolean; last: boolean }

export type TimelineInput = {
  items: readonly MessageState[]
  /** There are older ones: whether a day or a group begins with the first one is not known yet. */
  hasBefore: boolean
  meId: UserId | undefined
  firstUnreadSeq: Seq | null
  dayKey: (at: string) => string
}

/** Messages of one sender within this time belong together. */
const GROUP_GAP_MS = 5 * 60_000

/** The rows of a history: messages, the days they were written on, and the line above what is new. */
export function timelineOf({ items, hasBefore, meId, firstUnreadSeq, dayKey }: TimelineInput): TimelineRow[] {
  const rows: TimelineRow[] = []
  const senderOf = (message: MessageState) => (message.state === 'sent' ? message.senderId : (meId ?? null))
  // What is on its way is one's own, whether or not the server has said yet who that is.
  const isOwn = (message: MessageState) =>
    message.state !== 'sent' || (meId !== undefined && message.senderId === meId)
  const isOneGroup = (a: MessageState, b: MessageState) =>
    !isSystem(a) &&
    !isSystem(b) &&
    senderOf(a) === senderOf(b) &&
    dayKey(a.createdAt) === dayKey(b.createdAt) &&
    Math.abs(Date.parse(b.createdAt) - Date.parse(a.createdAt)) < GROUP_GAP_MS
  for (const [index, message] of items.entries()) {
    const previous = items[index - 1]
    const next = items[index + 1]
    const { key } = message
    const startsDay =
      previous === undefined ? !hasBefore : dayKey(previous.createdAt) !== dayKey(message.createdAt)
    if (startsDay) rows.push({ kind: 'day', key: `day:${key}`, at: message.createdAt })
    if (message.state === 'sent' && message.seq === firstUnreadSeq) rows.push({ kind: 'new', key: 'new' })
    if (isSystem(message)) {
      rows.push({ kind: 'system', key, message })
      continue
    }
    const own = isOwn(message)
    const named = !own && (previous === undefined || !isOneGroup(previous, message))
    const last = next === undefined || !isOneGroup(message, next)
    rows.push({ kind: 'message', key, message, own, named, last })
  }
  return rows
}

/** Types that people send; one of another type without a sender is a system message, not one of a deleted account. */
const PERSONAL_TYPES = new Set(['regular', 'resume', 'video_introduction'])

function isSystem(message: MessageState): message is SentMessage {
  return message.state === 'sent' && message.senderId === null && !PERSONAL_TYPES.has(message.type)
}
