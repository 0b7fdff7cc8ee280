import type { Notification } from '@tally/protocol'

/** Whether an entry came after the feed was looked at last. What was read has been seen, wherever that was. */
export function isUnseen({ seq, readAt }: Notification, seenSeq: number): boolean {
  return readAt === null && seq > seenSeq
}
