import type { AttachmentId, Tally } from '@tally/client'
import { readAttachment } from '@tally/client/extras'
import { createContext, useContext } from 'react'

/** So many files are kept for showing again; a large picture is a few megabytes. */
const KEPT = 40

/** The files a person has looked at, as addresses a page can show: their bytes need the person's token. */
export type FileCache = { urlOf(id: AttachmentId): Promise<string>; clear(): void }

export function createFileCache(tally: Tally): FileCache {
  const urls = new Map<AttachmentId, Promise<string>>()
  const forget = (id: AttachmentId) => {
    const url = urls.get(id)
    urls.delete(id)
    void url?.then(URL.revokeObjectURL, () => {})
  }
  return {
    urlOf(id) {
      const known = urls.get(id)
      if (known !== undefined) {
        urls.delete(id)
        urls.set(id, known)
        return known
      }
      const url = readAttachment(tally, id).then((bytes) => URL.createObjectURL(bytes))
      urls.set(id, url)
      // What could not be had is asked for again the next time.
      url.catch(() => urls.get(id) === url && urls.delete(id))
      const [oldest] = urls.keys()
      if (urls.size > KEPT && oldest !== undefined) forget(oldest)
      return url
    },
    clear() {
      for (const id of [...urls.keys()]) forget(id)
    },
  }
}

/** The cache of whoever looks; `null` where nothing can be fetched (the design page). */
export const FileCacheContext = createContext<FileCache | null>(null)

export function useFileCache(): FileCache | null {
  return useContext(FileCacheContext)
}
