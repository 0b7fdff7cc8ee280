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
  /** The files, which are in a message from now on; `null` while they are on their way: then `whenReady` is called. */
  take: () => readonly Attachment[] | null
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
    take: () => {
      const attachments = readyFiles(files)
      setWaiting(attachments === null)
      if (attachments !== null && attachments.length > 0) tray.sent()
      return attachments
    },
    whenReady,
  }
}
