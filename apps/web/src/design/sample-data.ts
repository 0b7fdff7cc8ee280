import type { PendingMessage, SentMessage } from '@tally/client'
import type { ClientId, MessageId, Notification, NotificationId, RoomId, Seq, UserId } from '@tally/protocol'

const AT = '2025-08-14T05:41:00.000Z'
const ROOM = 'sample' as RoomId

export const ME = 'me' as UserId
const OTHER = 'other' as UserId

/** A message as the design page shows it. */
export function sampleMessage(text: string, over: Partial<SentMessage> = {}): SentMessage {
  return {
    key: text,
    id: text as MessageId,
    roomId: ROOM,
    seq: 1 as Seq,
    change: 1 as SentMessage['change'],
    senderId: OTHER,
    type: 'regular',
    text,
    createdAt: AT,
    reactions: [],
    attachments: [],
    state: 'sent',
    ...over,
  }
}

/** One that is still on its way, or did not arrive. */
export function samplePending(text: string, state: PendingMessage['state']): PendingMessage {
  return {
    key: text,
    clientId: text as ClientId,
    roomId: ROOM,
    type: 'regular',
    text,
    createdAt: AT,
    order: 0,
    state,
  }
}

export const sampleReactions: SentMessage['reactions'] = [
  { emoji: '👍', userIds: [ME, OTHER] },
  { emoji: '🙏', userIds: [OTHER] },
]

export const sampleNotifications: readonly Notification[] = [
  {
    id: 'new' as NotificationId,
    type: 'application_viewed',
    title: '한빛 식당이 지원서를 봤습니다',
    content: '주방 보조 · 마포구',
    link: null,
    createdAt: AT,
    readAt: null,
  },
  {
    id: 'read' as NotificationId,
    type: 'job_recommended',
    title: '새 공고 3건이 조건에 맞아요',
    content: '',
    link: null,
    createdAt: AT,
    readAt: AT,
  },
]
