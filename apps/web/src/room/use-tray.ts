import type { Attachment } from '@tally/client'
import type { RoomId } from '@tally/protocol'
import { type ComponentProps, type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { readyFiles } from '../files/upload-tray.ts'
import type { Composer } from './composer.tsx'
import { useDrafts } from './drafts.ts'

type TrayProps = Pick<
  ComponentProps<typeof Composer>,
  'files' | 'onFiles' | 'onRemoveFile' | 'onRetryFile' | 'waiting'
>

type TrayControl = {
  props: TrayProps
  /**
   * Sends the files, which are in a message from now on unless `deliver` throws.
   * @returns false while they are on their way: then `whenReady` is called.
   */
  send: (deliver: (attachments: readonly Attachment[]) => void) => boolean
  whenReady: RefObject<() => void>
}

/** The files of the message that is being written in a room. */
export function useTray(roomId: RoomId): TrayControl {
  const tray = useDrafts().filesOf(roomId)
  const files = useSyncExternalStore(tray.subscribe, tray.get)
  const [waiting, setWaiting] = useState(false)
  const whenReady = useRef(() => {})
  useEffect(() => {
    if (!waiting) return
    // One that fails, or is taken away, ends the waiting: what is to be sent is another thing now.
    const failed = files.some(({ progress }) => progress.state === 'failed')
    if (files.length === 0 || failed) setWaiting(false)
    else if (readyFiles(files) !== null) whenReady.current()
  }, [waiting, files])
  return {
    props: {
      files,
      onFiles: tray.add,
      onRemoveFile: tray.remove,
      onRetryFile: tray.retry,
      waiting,
    },
    send: (deliver) => {
      const attachments = readyFiles(files)
      setWaiting(attachments === null)
      if (attachments === null) return false
      deliver(attachments)
      if (attachments.length > 0) tray.sent()
      return true
    },
    whenReady,
  }
}
