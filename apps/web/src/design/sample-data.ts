import type { PendingMessage, SentMessage } from '@tally/client'
import { type AttachmentId, RequestError } from '@tally/client'
import type { ClientId, MessageId, Notification, NotificationId, RoomId, Seq, UserId } from '@tally/protocol'
import type { TrayFile } from '../files/upload-tray.ts'
import type { MessageSearch } from '../search/use-message-search.ts'

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
    seq: 2 as Seq,
    type: 'application_viewed',
    title: '한빛 식당이 지원서를 봤습니다',
    content: '주방 보조 · 마포구',
    link: null,
    createdAt: AT,
    readAt: null,
    archivedAt: null,
  },
  {
    id: 'read' as NotificationId,
    seq: 1 as Seq,
    type: 'job_recommended',
    title: '새 공고 3건이 조건에 맞아요',
    content: '',
    link: null,
    createdAt: AT,
    readAt: AT,
    archivedAt: null,
  },
]

export const sampleAttachment = {
  id: 'sample' as AttachmentId,
  name: '근로계약서_초안.pdf',
  type: 'application/pdf',
  bytes: 182_400,
}

/** Files in each of their states. */
export const sampleFiles: readonly TrayFile[] = [
  {
    key: 'uploading',
    name: '주방_사진.jpg',
    previewUrl: null,
    progress: { state: 'uploading', received: 1_310_720, bytes: 4_200_000 },
  },
  {
    key: 'waiting',
    name: '자기소개.mp4',
    previewUrl: null,
    progress: { state: 'waiting', received: 9_000_000, bytes: 12_000_000 },
  },
  {
    key: 'failed',
    name: 'setup.exe',
    previewUrl: null,
    progress: { state: 'failed', received: 0, bytes: 90_000, error: new RequestError('attachment_refused') },
  },
  {
    key: 'ready',
    name: '근로계약서_초안.pdf',
    previewUrl: null,
    progress: { state: 'ready', received: 182_400, bytes: 182_400, attachment: sampleAttachment },
  },
]

export const NOW = new Date(AT)

const nothing = { items: [], hasMore: false, loadingMore: false, loadMore: () => {} }

/** A search in each of its states. */
export const sampleSearches: readonly MessageSearch[] = [
  {
    ...nothing,
    state: 'there',
    items: [
      {
        kind: 'message',
        id: 'found' as MessageId,
        roomId: ROOM,
        seq: 1 as Seq,
        senderId: OTHER,
        type: 'regular',
        createdAt: AT,
        excerpt: '내일 <b>면접</b> 시간 괜찮으세요? 오후 3시 어떠신가요?',
        matches: [{ start: 6, end: 8 }],
      },
    ],
  },
  { ...nothing, state: 'searching' },
  { ...nothing, state: 'there' },
  { ...nothing, state: 'short' },
]
