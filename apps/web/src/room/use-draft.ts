import type { Attachment, RoomHandle, SentMessage } from '@tally/client'
import { useSyncExternalStore } from 'react'
import type { TrayState, UploadTray } from '../files/upload-tray.ts'
import { useStore } from '../tally/use-store.ts'
import { useAttempt } from '../use-attempt.ts'
import { type Aim, type Edit, useDrafts } from './drafts.ts'

type Draft = TrayState & {
  text: string
  write: (text: string) => void
  aim: Aim
  setAim: (change: Partial<Aim>) => void
  tray: UploadTray
  /** Sends it as soon as its files are there, also when the room was left: what is written by then. */
  send: () => void
  /** Saves what an earlier message is to be. */
  save: (edit: Edit) => void
}

/** What was begun in a room and is not sent yet. */
export function useDraft(handle: RoomHandle): Draft {
  const attempt = useAttempt()
  const drafts = useDrafts()
  const { roomId } = handle
  const tray = drafts.filesOf(roomId)
  const write = (text: string) => drafts.set(roomId, text)
  const setAim = (change: Partial<Aim>) => drafts.setAim(roomId, change)
  /** What is refused at once stays. */
  const deliver = (attachments: readonly Attachment[]): boolean => {
    try {
      handle.send(drafts.get(roomId).trim(), optionsOf(drafts.aim(roomId).answered, attachments))
    } catch (error) {
      attempt(Promise.reject(error))
      return false
    }
    write('')
    setAim({ answered: null })
    return true
  }
  /** What is refused comes back to be saved again, unless another message is being changed by then. */
  const save = async (edit: Edit) => {
    const text = edit.text.trim()
    if (text === edit.message.text) return
    try {
      await handle.edit(edit.message.seq, text)
    } catch (error) {
      if (drafts.aim(roomId).edit === null) setAim({ edit })
      throw error
    }
  }
  return {
    ...useStore(tray),
    text: useSyncExternalStore(drafts.subscribe, () => drafts.get(roomId)),
    write,
    aim: useSyncExternalStore(drafts.subscribe, () => drafts.aim(roomId)),
    setAim,
    tray,
    send: () => tray.send(deliver),
    save: (edit) => attempt(save(edit)),
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
