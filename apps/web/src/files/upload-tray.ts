import { type Attachment, type Readable, RequestError, type Tally } from '@tally/client'
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

export type TrayState = {
  files: readonly TrayFile[]
  /** What was written goes out as soon as its files are there. */
  waiting: boolean
}

/** Puts the files into a message. @returns whether they are in one now */
type Deliver = (attachments: readonly Attachment[]) => boolean

/** The files of a message that is being written: uploaded while one writes, and also while one looks elsewhere. */
export type UploadTray = Readable<TrayState> & {
  add(files: readonly File[]): void
  remove(key: string): void
  retry(key: string): void
  /**
   * Gives the files to `deliver` once all of them are there: now, or when the last one has come, whatever is on the screen
   * by then. One that fails, or taking the last one away, ends the waiting: what is to be sent is another thing then.
   */
  send(deliver: Deliver): void
  /** Takes everything away. */
  close(): void
}

type Entry = { file: TrayFile; source: File; upload: FileUpload | undefined; gone: boolean }

/** What a browser shows in an `img` without running anything. */
const PREVIEWS = /^image\/(?:png|jpeg|gif|webp|avif)$/

export function createUploadTray(tally: Tally, roomId: RoomId): UploadTray {
  const listeners = new Set<() => void>()
  let entries: readonly Entry[] = []
  let waitingFor: Deliver | null = null
  let shown: TrayState = { files: [], waiting: false }
  let lastKey = 0
  const change = (next: readonly Entry[]) => {
    entries = next
    deliverOnceReady()
    if (entries.length > 0) addEventListener('online', retryWaiting)
    else removeEventListener('online', retryWaiting)
    shown = { files: entries.map(({ file }) => file), waiting: waitingFor !== null }
    for (const listener of listeners) listener()
  }
  const deliverOnceReady = () => {
    if (waitingFor === null) return
    const deliver = waitingFor
    const isOver = entries.length === 0 || entries.some(({ file }) => file.progress.state === 'failed')
    const attachments = isOver ? null : readyFiles(entries)
    if (isOver || attachments !== null) waitingFor = null
    if (attachments === null || !deliver(attachments)) return
    for (const entry of entries) drop(entry)
    entries = []
  }
  const begin = (entry: Entry) => {
    void upload({ tally, roomId, entry }, (progress) => {
      if (entry.gone) return
      entry.file = { ...entry.file, progress }
      change([...entries])
    })
  }
  const takeAway = (entry: Entry) => {
    drop(entry)
    entry.upload?.cancel()
  }
  const retryWaiting = () => {
    for (const { upload, file } of entries) if (file.progress.state === 'waiting') upload?.retry()
  }
  return {
    get: () => shown,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    add(files) {
      const made = files.map((source): Entry => {
        const previewUrl = PREVIEWS.test(source.type) ? URL.createObjectURL(source) : null
        const progress = { state: 'uploading', received: 0, bytes: source.size } as const
        const file = { key: String(++lastKey), name: source.name, progress, previewUrl }
        return { file, source, upload: undefined, gone: false }
      })
      change([...entries, ...made])
      for (const entry of made) begin(entry)
    },
    remove(key) {
      const entry = entries.find(({ file }) => file.key === key)
      if (entry === undefined) return
      takeAway(entry)
      change(entries.filter((other) => other !== entry))
    },
    retry(key) {
      const entry = entries.find(({ file }) => file.key === key)
      if (entry?.upload !== undefined) entry.upload.retry()
      else if (entry?.file.progress.state === 'failed') begin(entry)
    },
    send(deliver) {
      if (entries.length === 0) {
        deliver([])
        return
      }
      waitingFor = deliver
      change(entries)
    },
    close() {
      for (const entry of entries) takeAway(entry)
      change([])
    },
  }
}

type UploadInput = { tally: Tally; roomId: RoomId; entry: Entry }

/** Uploads the file of an entry, if the code for that comes. */
async function upload(
  { tally, roomId, entry }: UploadInput,
  onProgress: (progress: UploadProgress) => void,
): Promise<void> {
  const { source } = entry
  const place = { received: 0, bytes: source.size }
  onProgress({ ...place, state: 'uploading' })
  const code = await import('./transfer.ts').catch(() => null)
  if (code === null) return onProgress({ ...place, state: 'failed', error: new RequestError('unavailable') })
  if (entry.gone) return
  const begun = code.beginUpload(tally, roomId, source)
  entry.upload = begun
  begun.progress.subscribe(() => onProgress(begun.progress.get()))
}

function drop(entry: Entry): void {
  entry.gone = true
  if (entry.file.previewUrl !== null) URL.revokeObjectURL(entry.file.previewUrl)
}

/** What can be sent; `null` while some of it cannot. */
function readyFiles(entries: readonly Entry[]): readonly Attachment[] | null {
  const ready = entries.flatMap(({ file: { progress } }) =>
    progress.state === 'ready' ? [progress.attachment] : [],
  )
  return ready.length === entries.length ? ready : null
}
