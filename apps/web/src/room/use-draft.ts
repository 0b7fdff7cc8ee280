import type { Attachment, RoomHandle, SentMessage } from '@tally/client'
import { useSyncExternalStore } from 'react'
import type { TrayState, UploadTray } from '../files/upload-tray.ts'
import { useStore } from '../tally/use-store.ts'
import { useAttempt } from '../use-attempt.ts'
import { useDrafts } from './drafts.ts'

type Draft = TrayState & {
  text: string
  write: (text: string) => void
  /** The message that it answers. */
  answered: SentMessage | null
  answer: (message: SentMessage | null) => void
  tray: UploadTray
  /** Sends it as soon as its files are there, also when the room was left: what is written by then. */
  send: () => void
}

/** What was begun in a room and is not sent yet. */
export function useDraft(handle: RoomHandle): Draft {
  const attempt = useAttempt()
  const drafts = useDrafts()
  const { roomId } = handle
  const tray = drafts.filesOf(roomId)
  const write = (text: string) => drafts.set(roomId, text)
  const answer = (message: SentMessage | null) => drafts.answer(roomId, message)
  /** What is refused at once stays. */
  const deliver = (attachments: readonly Attachment[]): boolean => {
    try {
      handle.send(drafts.get(roomId).trim(), optionsOf(drafts.answered(roomId), attachments))
    } catch (error) {
      attempt(Promise.reject(error))
      return false
    }
    write('')
    answer(null)
    return true
  }
  return {
    ...useStore(tray),
    text: useSyncExternalStore(drafts.subscribe, () => drafts.get(roomId)),
    write,
    answered: useSyncExternalStore(drafts.subscribe, () => drafts.answered(roomId)),
    answer,
    tray,
    send: () => tray.send(deliver),
  }
}

function optionsOf(
  answered: SentMessage | null,
  attachments: readonly Attachment[],
): Parameters<RoomHandle['send']>[1] {
  return {
    ...(answered === null ? {} : { replyTo: answered.seq }),
    ...(attachments.length === 0 ? {} : { attachments }),
  }
}
