import type { AttachmentId, Readable, Tally } from '@tally/client'
import { useContext } from 'react'
import { onConnected } from '../tally/on-connected.ts'
import { perTally } from '../tally/per-tally.ts'
import { TallyContext } from '../tally/tally-context.ts'

/** Files that nobody looks at any more are kept for showing again, as far as all of them together are not larger. */
const KEPT_BYTES = 64 * 1024 * 1024
/** More at once would only make each of them slower. */
const MOST_AT_ONCE = 4

type Source = Pick<Tally, 'connection' | 'fetch'>

type Loaded = {
  state: 'there'
  bytes: Blob
  /** An address a page can show, good for as long as somebody looks at the file. */
  url: string
}

export type FileState = { state: 'loading' } | Loaded | { state: 'failed'; error: unknown }

/** A file to look at: whoever subscribes looks. It is fetched for them, and again with the next connection if that failed. */
export type CachedFile = Readable<FileState> & {
  /** Tries again what failed. */
  retry(): void
}

type Entry = {
  readonly id: AttachmentId
  readonly file: CachedFile
  readonly listeners: Set<() => void>
  state: FileState
  /** Gives up what is being fetched for it. */
  abort: AbortController
  /** No connection is waited for any more. */
  stopWaiting: () => void
}

const LOADING: FileState = { state: 'loading' }

/** The files of a person: their bytes need the person's token, so that a page cannot show an address of the server. */
export class FileCache {
  readonly #tally: Source
  readonly #keptBytes: number
  readonly #entries = new Map<AttachmentId, Entry>()
  readonly #waiting = new Set<Entry>()
  /** The one that was looked at last comes last. */
  readonly #there = new Map<Entry, Loaded>()
  #running = 0

  constructor(tally: Source, { keptBytes = KEPT_BYTES }: { keptBytes?: number } = {}) {
    this.#tally = tally
    this.#keptBytes = keptBytes
    tally.connection.subscribe(() => this.#trim())
  }

  file(id: AttachmentId): CachedFile {
    return (this.#entries.get(id) ?? this.#make(id)).file
  }

  /** The bytes, kept by nobody. @throws RequestError */
  async read(id: AttachmentId, signal?: AbortSignal): Promise<Blob> {
    const { readBytes } = await import('./transfer.ts')
    return readBytes(this.#tally, id, signal)
  }

  #make(id: AttachmentId): Entry {
    const listeners = new Set<() => void>()
    const file: CachedFile = {
      get: () => entry.state,
      subscribe: (onChange) => {
        if (listeners.size === 0) this.#begin(entry)
        const listener = () => onChange()
        listeners.add(listener)
        return () => {
          if (listeners.delete(listener) && listeners.size === 0) this.#end(entry)
        }
      },
      retry: () => {
        if (entry.state.state === 'failed') this.#ask(entry)
      },
    }
    const abort = new AbortController()
    const entry: Entry = { id, file, listeners, state: LOADING, abort, stopWaiting() {} }
    this.#entries.set(id, entry)
    return entry
  }

  /** Somebody looks at it. */
  #begin(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    entry.abort = new AbortController()
    entry.stopWaiting = onConnected(this.#tally, entry.file.retry)
    if (!this.#there.has(entry)) this.#ask(entry)
  }

  /** Nobody does any more. */
  #end(entry: Entry): void {
    entry.abort.abort()
    entry.stopWaiting()
    const loaded = this.#there.get(entry)
    this.#forget(entry)
    if (loaded === undefined) return
    this.#keep(entry, loaded)
    this.#trim()
  }

  #ask(entry: Entry): void {
    become(entry, LOADING)
    this.#waiting.add(entry)
    this.#fetchNext()
  }

  #fetchNext(): void {
    const [entry] = this.#waiting
    if (entry === undefined || this.#running === MOST_AT_ONCE) return
    this.#waiting.delete(entry)
    this.#running++
    void this.#load(entry).finally(() => {
      this.#running--
      this.#fetchNext()
    })
  }

  async #load(entry: Entry): Promise<void> {
    const { signal } = entry.abort
    try {
      const bytes = await this.read(entry.id, signal)
      if (signal.aborted) return
      this.#keep(entry, { state: 'there', bytes, url: URL.createObjectURL(bytes) })
      this.#trim()
    } catch (error) {
      if (!signal.aborted) become(entry, { state: 'failed', error })
    }
  }

  #keep(entry: Entry, loaded: Loaded): void {
    this.#entries.set(entry.id, entry)
    this.#there.set(entry, loaded)
    become(entry, loaded)
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.id)
    this.#waiting.delete(entry)
    this.#there.delete(entry)
    entry.state = LOADING
  }

  /** Nobody who looks at a file loses it: what goes is what was looked at longest ago. Of a client that ended nothing stays. */
  #trim(): void {
    const mostBytes = this.#tally.connection.get().state === 'closed' ? 0 : this.#keptBytes
    let bytes = 0
    for (const loaded of this.#there.values()) bytes += loaded.bytes.size
    for (const [entry, loaded] of this.#there) {
      if (bytes <= mostBytes) return
      if (entry.listeners.size > 0) continue
      bytes -= loaded.bytes.size
      URL.revokeObjectURL(loaded.url)
      this.#forget(entry)
    }
  }
}

function become(entry: Entry, state: FileState): void {
  entry.state = state
  for (const listener of entry.listeners) listener()
}

const filesOf = perTally((tally) => new FileCache(tally))

/** The files of whoever looks; `null` where nothing can be fetched (the design page). */
export function useFileCache(): FileCache | null {
  const tally = useContext(TallyContext)
  return tally === null ? null : filesOf(tally)
}
