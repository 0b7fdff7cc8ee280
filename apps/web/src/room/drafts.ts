import type { SentMessage, Tally } from '@tally/client'
import type { RoomId } from '@tally/protocol'
import { createContext, useContext } from 'react'
import { createUploadTray, type UploadTray } from '../files/upload-tray.ts'

/** What is to become of what one writes. */
export type Aim = {
  /** The message that it answers. */
  answered: SentMessage | null
  /** An earlier message that is being changed meanwhile, and what it is to be. */
  edit: Edit | null
}

export type Edit = { message: SentMessage; text: string }

/**
 * What somebody has begun to write and not sent, by room. The text is kept in the browser, for each person apart, and the
 * same in all tabs; what it answers, a change that is not saved and the files to be sent last as long as the page.
 */
export type Drafts = {
  get(roomId: string): string
  set(roomId: string, text: string): void
  aim(roomId: RoomId): Aim
  setAim(roomId: RoomId, change: Partial<Aim>): void
  filesOf(roomId: RoomId): UploadTray
  /** Rises with every change of a text or of its aim. */
  version(): number
  subscribe(onChange: () => void): () => void
  /** Nothing is uploaded or sent any more. */
  close(): void
}

const NO_AIM: Aim = { answered: null, edit: null }

export function createDrafts({ userId, tally }: { userId: string; tally: Tally }): Drafts {
  const listeners = new Set<() => void>()
  const prefix = keyOf(userId, '')
  const texts = new Map<string, string>()
  const aims = new Map<RoomId, Aim>()
  const aim = (roomId: RoomId) => aims.get(roomId) ?? NO_AIM
  const trays = new Map<RoomId, UploadTray>()
  let version = 0
  const changed = () => {
    version++
    for (const listener of listeners) listener()
  }
  // Another tab wrote, or, without a key, everything was cleared.
  const onStorage = ({ key, newValue }: StorageEvent) => {
    if (key === null) texts.clear()
    else if (key.startsWith(prefix)) texts.set(key.slice(prefix.length), newValue ?? '')
    else return
    changed()
  }
  return {
    get(roomId) {
      const known = texts.get(roomId)
      if (known !== undefined) return known
      const stored = readItem(keyOf(userId, roomId))
      texts.set(roomId, stored)
      return stored
    },
    set(roomId, text) {
      if (texts.get(roomId) === text) return
      texts.set(roomId, text)
      writeItem(keyOf(userId, roomId), text)
      changed()
    },
    aim,
    setAim(roomId, change) {
      aims.set(roomId, { ...aim(roomId), ...change })
      changed()
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
      if (listeners.size === 0) addEventListener('storage', onStorage)
      listeners.add(onChange)
      return () => {
        listeners.delete(onChange)
        if (listeners.size === 0) removeEventListener('storage', onStorage)
      }
    },
    close() {
      for (const tray of trays.values()) tray.close()
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
