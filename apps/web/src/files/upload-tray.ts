import type { Attachment, Readable, Tally } from '@tally/client'
import type { FileUpload, UploadProgress } from '@tally/client/extras'
import type { RoomId } from '@tally/protocol'

/** A file that waits to be sent. */
export type TrayFile = {
  key: string
  name: string
  progress: UploadProgress
  /** An address for its preview; `null` where there is nothing to see. */
  previewUrl: string | null
}

/** The files of a message that is being written: uploaded while one writes, and also while one looks elsewhere. */
export type UploadTray = Readable<readonly TrayFile[]> & {
  add(files: readonly File[]): void
  remove(key: string): void
  retry(key: string): void
  /** They are in a message now. */
  sent(): void
}

type Entry = { file: TrayFile; upload: FileUpload | undefined; gone: boolean }

/** What a browser shows in an `img` without running anything. */
const PREVIEWS = /^image\/(?:png|jpeg|gif|webp|avif)$/

export function createUploadTray(tally: Tally, roomId: RoomId): UploadTray {
  const listeners = new Set<() => void>()
  let entries: readonly Entry[] = []
  let shown: readonly TrayFile[] = []
  let lastKey = 0
  const change = (next: readonly Entry[]) => {
    entries = next
    shown = next.map(({ file }) => file)
    for (const listener of listeners) listener()
  }
  const begin = async (entry: Entry, source: File) => {
    // The code of uploads comes with the first file.
    const { uploadFile } = await import('@tally/client/extras')
    if (entry.gone) return
    const upload = uploadFile(tally, { roomId, file: source })
    entry.upload = upload
    upload.progress.subscribe(() => {
      if (entry.gone) return
      entry.file = { ...entry.file, progress: upload.progress.get() }
      change([...entries])
    })
  }
  const drop = (entry: Entry) => {
    entry.gone = true
    if (entry.file.previewUrl !== null) URL.revokeObjectURL(entry.file.previewUrl)
  }
  const retryAll = () => {
    for (const { upload, file } of entries) if (file.progress.state === 'waiting') upload?.retry()
  }
  return {
    get: () => shown,
    subscribe(onChange) {
      if (listeners.size === 0) addEventListener('online', retryAll)
      listeners.add(onChange)
      return () => {
        listeners.delete(onChange)
        if (listeners.size === 0) removeEventListener('online', retryAll)
      }
    },
    add(files) {
      const made = files.map((source): [Entry, File] => {
        const previewUrl = PREVIEWS.test(source.type) ? URL.createObjectURL(source) : null
        const progress = { state: 'uploading', received: 0, bytes: source.size } as const
        const file = { key: String(++lastKey), name: source.name, progress, previewUrl }
        return [{ file, upload: undefined, gone: false }, source]
      })
      change([...entries, ...made.map(([entry]) => entry)])
      for (const [entry, source] of made) void begin(entry, source)
    },
    remove(key) {
      const entry = entries.find(({ file }) => file.key === key)
      if (entry === undefined) return
      drop(entry)
      entry.upload?.cancel()
      change(entries.filter((other) => other !== entry))
    },
    retry: (key) => entries.find(({ file }) => file.key === key)?.upload?.retry(),
    sent() {
      for (const entry of entries) drop(entry)
      change([])
    },
  }
}

/** What can be sent; `null` while some of it cannot. */
export function readyFiles(files: readonly TrayFile[]): readonly Attachment[] | null {
  const ready = files.flatMap(({ progress }) => (progress.state === 'ready' ? [progress.attachment] : []))
  return ready.length === files.length ? ready : null
}
