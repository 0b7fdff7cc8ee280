import type { Tally } from '@tally/client'
import type { RoomId } from '@tally/protocol'
import { createContext, useContext } from 'react'
import { createUploadTray, type UploadTray } from '../files/upload-tray.ts'

/** What somebody has begun to write and not sent, by room; kept in the browser, for each person apart. */
export type Drafts = {
  get(roomId: string): string
  set(roomId: string, text: string): void
  /** The files to be sent with it; those last as long as the page. */
  filesOf(roomId: RoomId): UploadTray
  /** Rises with every change. */
  version(): number
  subscribe(onChange: () => void): () => void
}

export function createDrafts({ userId, tally }: { userId: string; tally: Tally }): Drafts {
  const listeners = new Set<() => void>()
  const key = (roomId: string) => keyOf(userId, roomId)
  const drafts = new Map<string, string>()
  const trays = new Map<RoomId, UploadTray>()
  let version = 0
  return {
    get(roomId) {
      const known = drafts.get(roomId)
      if (known !== undefined) return known
      const stored = readItem(key(roomId))
      drafts.set(roomId, stored)
      return stored
    },
    set(roomId, text) {
      if (drafts.get(roomId) === text) return
      drafts.set(roomId, text)
      writeItem(key(roomId), text)
      version++
      for (const listener of listeners) listener()
    },
    filesOf(roomId) {
      const known = trays.get(roomId)
      if (known !== undefined) return known
      const tray = createUploadTray(tally, roomId)
      trays.set(roomId, tray)
      return tray
    },
    version: () => version,
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

/** Nothing that somebody has begun to write stays in this browser. */
export function forgetDrafts(userId: string): void {
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith(keyOf(userId, ''))) localStorage.removeItem(key)
  } catch {
    // Forbidden: nothing was kept.
  }
}

const keyOf = (userId: string, roomId: string) => `tally.draft.${encodeURIComponent(userId)}/${roomId}`

export const DraftsContext = createContext<Drafts | null>(null)

export function useDrafts(): Drafts {
  const drafts = useContext(DraftsContext)
  if (drafts === null) throw new Error('useDrafts needs a DraftsContext above it')
  return drafts
}

function readItem(key: string): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

function writeItem(key: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key)
    else localStorage.setItem(key, text)
  } catch {
    // Forbidden or full: the draft lasts as long as the page.
  }
}
