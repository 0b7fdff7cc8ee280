import {
  type Attachment,
  type AttachmentId,
  endpointUrl,
  RequestError,
  type RoomId,
  type Upload,
  type v1,
} from '@tally/protocol'
import { backOffMs } from './back-off.ts'
import { type Caller, nativeCall } from './native-call.ts'
import { type Readable, writable } from './readable.ts'
import { Timer } from './timer.ts'

/** A file of a browser (`File`), or whatever can be cut into parts of bytes. */
export type FileToUpload = Pick<Blob, 'size' | 'slice'> & { readonly name: string }

/**
 * How far an upload is. `waiting`: the connection broke, and it goes on by itself; `failed`: only with `retry`, or not
 * at all. With `ready`, `attachment` can be sent.
 */
export type UploadProgress =
  | { state: 'uploading' | 'waiting'; received: number; bytes: number }
  | { state: 'ready'; received: number; bytes: number; attachment: Attachment }
  | { state: 'failed'; received: number; bytes: number; error: RequestError }

/** A file on its way to the server. */
export interface FileUpload {
  readonly name: string
  readonly progress: Readable<UploadProgress>
  /** Goes on at once from where it stands. */
  retry(): void
  /** Gives it up, unless it is in a message by now. */
  cancel(): void
}

/** A part over a slow network takes its time. */
const PART_TIMEOUT_MS = 60_000
/** So often in a row it is tried without a byte arriving. */
const MOST_FAILURES = 8

/**
 * Uploads a file that is to be sent into a room, in parts. After an interruption it asks the server how much arrived,
 * and goes on from there.
 */
export function uploadFile(
  tally: Caller,
  { roomId, file, random = Math.random }: { roomId: RoomId; file: FileToUpload; random?: () => number },
): FileUpload {
  return new PartedUpload(tally, { roomId, file, random })
}

/** The bytes of a file, for those in its room. @throws RequestError `attachment_not_found`, … */
export async function readAttachment(
  tally: Caller,
  id: AttachmentId,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Blob> {
  const response = await tally.fetch(endpointUrl({ path: `${FILE}/content` }, { params: idOf(id) }), {
    signal,
  })
  return response.blob()
}

const FILES = '/v1/attachments'
const FILE = `${FILES}/:attachmentId` as const
const idOf = (attachmentId: AttachmentId) => ({ attachmentId })

type PartedUploadOptions = { roomId: RoomId; file: FileToUpload; random: () => number }

class PartedUpload implements FileUpload {
  readonly name: string
  readonly progress
  readonly #tally: Caller
  readonly #options: PartedUploadOptions
  readonly #abort = new AbortController()
  readonly #again = new Timer()
  #upload: Upload | undefined
  #failures = 0
  #isRunning = false

  constructor(tally: Caller, options: PartedUploadOptions) {
    this.#tally = tally
    this.#options = options
    // A folder is no part of a name, whatever the system says.
    this.name = options.file.name.replace(/[/\\]/g, '_')
    this.progress = writable<UploadProgress>({ state: 'uploading', received: 0, bytes: options.file.size })
    void this.#run()
  }

  retry(): void {
    if (this.progress.get().state === 'ready') return
    this.#failures = 0
    void this.#run()
  }

  cancel(): void {
    this.#abort.abort()
    this.#again.clear()
    const { id } = this.#upload ?? {}
    if (id === undefined) return
    // What cannot be given up any more, or is not heard of, goes by itself after a day.
    const given = this.#tally.fetch(endpointUrl({ path: FILE }, { params: idOf(id) }), { method: 'DELETE' })
    given.catch(() => {})
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#abort.signal.aborted) return
    this.#isRunning = true
    this.#again.clear()
    try {
      let upload = await this.#whereToGoOn()
      while (!upload.ready) {
        this.#note(upload)
        upload = await this.#sendPart(upload)
        this.#failures = 0
      }
      this.#note(upload)
      this.progress.set({ ...this.#place(), state: 'ready', attachment: attachmentOf(upload) })
    } catch (error) {
      this.#interrupted(error)
    } finally {
      this.#isRunning = false
    }
  }

  #whereToGoOn(): Promise<Upload> {
    const { roomId, file } = this.#options
    const known = this.#upload
    if (known !== undefined) {
      const read = { method: 'GET', path: FILE } as const
      return nativeCall<(typeof v1)['readUpload']>(this.#tally, read, { params: idOf(known.id) })
    }
    const begin = { method: 'POST', path: FILES } as const
    const body = { roomId, name: this.name, bytes: file.size }
    return nativeCall<(typeof v1)['beginUpload']>(this.#tally, begin, { body })
  }

  async #sendPart({ id, received, partBytes }: Upload): Promise<Upload> {
    try {
      const response = await this.#tally.fetch(
        endpointUrl({ path: FILE }, { params: idOf(id), query: { offset: received } }),
        {
          method: 'PATCH',
          headers: { 'content-type': 'application/octet-stream' },
          body: this.#options.file.slice(received, received + partBytes),
          timeoutMs: PART_TIMEOUT_MS,
          signal: this.#abort.signal,
        },
      )
      return (await response.json()) as Upload
    } catch (error) {
      // The answer to a part was lost: it did arrive.
      if (error instanceof RequestError && error.code === 'offset_conflict') return this.#whereToGoOn()
      throw error
    }
  }

  #interrupted(cause: unknown): void {
    if (this.#abort.signal.aborted) return
    const error = cause instanceof RequestError ? cause : new RequestError('unavailable', { cause })
    // Too long ago: what was received is gone, and it begins anew.
    if (error.code === 'attachment_not_found') this.#upload = undefined
    if (error.retry !== 'later' || this.#failures >= MOST_FAILURES) {
      this.progress.set({ ...this.#place(), state: 'failed', error })
      return
    }
    this.progress.set({ ...this.#place(), state: 'waiting' })
    const random = this.#options.random()
    const delayMs = Math.max(error.retryAfterMs ?? 0, backOffMs({ failures: this.#failures++, random }))
    this.#again.set(delayMs, () => void this.#run())
  }

  #note(upload: Upload): void {
    this.#upload = upload
    this.progress.set({ ...this.#place(), state: 'uploading' })
  }

  #place(): { received: number; bytes: number } {
    return { received: this.#upload?.received ?? 0, bytes: this.#options.file.size }
  }
}

function attachmentOf({ id, name, bytes, type, width, height }: Upload): Attachment {
  return {
    id,
    name,
    bytes,
    type: type ?? 'application/octet-stream',
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  }
}
