import type { MessageState, SentMessage } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'

/** One row of a room's history as it is drawn. Keys never change while older or newer rows come. */
export type TimelineRow =
  | { kind: 'day'; key: string; at: string }
  /** Above the first unread message; `count` is null when not all of the unread ones are loaded. */
  | { kind: 'new'; key: string; count: number | null }
  | { kind: 'name'; key: string; senderId: UserId | null }
  | { kind: 'system'; key: string; message: SentMessage }
  /** `last`: its time stands under it: the last of a group, and each one that failed, for what can be done about it. */
  | { kind: 'message'; key: string; message: MessageState; own: boolean; last: boolean }

export type TimelineInput = {
  items: readonly MessageState[]
  /** More before the first one: whether a day or a group begins there is not known yet. */
  hasBefore: boolean
  meId: UserId | undefined
  /** The place of the "new messages" line, and what stands on it. */
  firstUnreadSeq: Seq | null
  newCount: number | null
  /** In a group, names stand above what others say. */
  named: boolean
  dayKey: (at: string) => string
}

/** Messages of one sender within this time belong together. */
const GROUP_GAP_MS = 5 * 60_000

/** Types that people send; any other type without a sender is a system message. */
const PERSONAL_TYPES = new Set(['regular', 'resume', 'video_introduction'])

/**
 * The rows of a history. A row's height depends on its own message and the one after it only: what comes before the
 * message (day, name, line) are rows of their own, so that older pages can come without any row on screen changing.
 */
export function timelineOf(input: TimelineInput): TimelineRow[] {
  const rows: TimelineRow[] = []
  input.items.forEach((message, index) => {
    const previous = input.items[index - 1]
    const next = input.items[index + 1]
    const { key } = message
    const known = previous !== undefined || !input.hasBefore
    if (known && (previous === undefined || startsDay(previous, message, input.dayKey))) {
      rows.push({ kind: 'day', key: `day:${key}`, at: message.createdAt })
    }
    if (startsNew(previous, message, input)) {
      rows.push({ kind: 'new', key: 'new', count: input.newCount })
    }
    if (isSystem(message)) {
      rows.push({ kind: 'system', key, message })
      return
    }
    const senderId = senderOf(message, input)
    const own = senderId === input.meId
    if (input.named && !own && known && (previous === undefined || !sameGroup(previous, message, input))) {
      rows.push({ kind: 'name', key: `name:${key}`, senderId })
    }
    rows.push({
      kind: 'message',
      key,
      message,
      own,
      last: next === undefined || message.state === 'failed' || !sameGroup(message, next, input),
    })
  })
  return rows
}

/** Who wrote it; what is still on its way is one's own. */
function senderOf(message: MessageState, { meId }: { meId: UserId | undefined }): UserId | null {
  return message.state === 'sent' ? message.senderId : (meId ?? null)
}

function isSystem(message: MessageState): message is SentMessage {
  return message.state === 'sent' && message.senderId === null && !PERSONAL_TYPES.has(message.type)
}

function isNew(message: MessageState, firstUnreadSeq: Seq | null): boolean {
  return firstUnreadSeq !== null && message.state === 'sent' && message.seq >= firstUnreadSeq
}

/** Above the first unread message, and nowhere while that one lies before what is loaded. */
function startsNew(
  previous: MessageState | undefined,
  message: MessageState,
  { firstUnreadSeq, hasBefore }: TimelineInput,
): boolean {
  if (message.state !== 'sent' || !isNew(message, firstUnreadSeq)) return false
  if (previous !== undefined) return !isNew(previous, firstUnreadSeq)
  return !hasBefore || message.seq === firstUnreadSeq
}

function startsDay(previous: MessageState, message: MessageState, dayKey: (at: string) => string): boolean {
  return dayKey(previous.createdAt) !== dayKey(message.createdAt)
}

function sameGroup(earlier: MessageState, later: MessageState, input: TimelineInput): boolean {
  const { firstUnreadSeq, dayKey } = input
  return (
    senderOf(earlier, input) === senderOf(later, input) &&
    earlier.state === later.state &&
    !isSystem(earlier) &&
    !isSystem(later) &&
    Date.parse(later.createdAt) - Date.parse(earlier.createdAt) <= GROUP_GAP_MS &&
    !startsDay(earlier, later, dayKey) &&
    isNew(earlier, firstUnreadSeq) === isNew(later, firstUnreadSeq)
  )
}
