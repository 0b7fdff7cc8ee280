import {
  type Attachment,
  type ClientId,
  type RequestError,
  type RoomId,
  requestErrorFrom,
  type Seq,
} from '@tally/protocol'

/** A message that is not stored yet, as its writer sees it. */
export type PendingMessage = {
  /** Keeps naming it when it is sent: for lists on a screen. */
  key: string
  state: 'sending' | 'failed'
  clientId: ClientId
  roomId: RoomId
  type: string
  text: string
  replyTo?: Seq | undefined
  /** Files that were uploaded for it. */
  attachments?: readonly Attachment[] | undefined
  /** By this device's clock; the server gives it its time and its place. */
  createdAt: string
  /** Those that wait go out in this order. */
  order: number
  /** Why it failed. */
  error?: RequestError
}

/** What names a message that is not stored. */
export type Waiting = Pick<PendingMessage, 'roomId' | 'clientId'>

/** As it is kept on the device. */
export function formatPending({ key: _, ...message }: PendingMessage): string {
  return JSON.stringify(message)
}

/** What was kept; `undefined` where it is not to be understood: another version may have written it. */
export function parsePending(kept: string): PendingMessage | undefined {
  try {
    const { error, ...message } = JSON.parse(kept)
    const texts = [message.clientId, message.roomId, message.type, message.text, message.createdAt]
    const isWhole = texts.every((part) => typeof part === 'string') && Number.isFinite(message.order)
    if (!isWhole) return undefined
    const state =
      message.state === 'failed' ? { state: 'failed', error: requestErrorFrom(error) } : { state: 'sending' }
    return { ...message, ...state, key: message.clientId }
  } catch {
    return undefined
  }
}
