import type { RoomState, Tally } from '@tally/client'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { roomFace } from '../rooms/room-face.ts'
import { roomPath } from '../routing/route.ts'
import { useRouter } from '../routing/router.ts'
import { type AlertKind, mayAlert, useAlertStore } from './alert-settings.ts'
import { createChime } from './chime.ts'
import { showDesktopNotification } from './desktop-notification.ts'

/** Sounds and notifications of the system for what comes while nobody looks at it. */
export function useAlerts(tally: Tally): void {
  const { t } = useTranslation()
  const store = useAlertStore()
  const router = useRouter()
  useEffect(() => {
    const chime = createChime()
    const alert = (kind: AlertKind, note: { title: string; body: string; path: string; tag: string }) => {
      const at = new Date()
      const settings = store.get()
      if (mayAlert(settings, { kind, channel: 'sound', at })) chime()
      if (document.visibilityState === 'visible') return
      if (mayAlert(settings, { kind, channel: 'desktop', at })) {
        void showDesktopNotification({ ...note, onOpen: () => router.go(note.path) })
      }
    }
    const rooms = watchRooms(tally, (room) =>
      alert('messages', {
        title: roomFace(room, tally.me.get()?.id).name ?? t('person.former'),
        body: room.lastMessage?.text ?? '',
        path: roomPath(room.id),
        tag: room.id,
      }),
    )
    let known = tally.badge.get()?.notifications ?? null
    const feed = tally.badge.subscribe(() => {
      const count = tally.badge.get()?.notifications ?? 0
      if (known !== null && count > known) {
        alert('news', {
          title: t('notifications.title'),
          body: t('badge.notifications', { count }),
          path: '/',
          tag: 'news',
        })
      }
      known = count
    })
    return () => {
      rooms()
      feed()
    }
  }, [tally, store, router, t])
}

/** Calls back for each room that has a new message which counts: of somebody else, in a room nobody has open here. */
function watchRooms(tally: Tally, onNew: (room: RoomState) => void): () => void {
  const seen = new Map<string, number>()
  let primed = false
  return tally.rooms.subscribe(() => {
    const { items } = tally.rooms.get()
    const meId = tally.me.get()?.id
    // While it catches up, what comes is of the past.
    const current = primed && ['live', 'polling'].includes(tally.connection.get().state)
    for (const room of items) {
      const seq = room.lastMessage?.seq ?? 0
      const before = seen.get(room.id)
      seen.set(room.id, Math.max(seq, before ?? 0))
      const isNew = current && seq > (before ?? 0)
      if (isNew && room.me.unread > 0 && !room.me.muted && room.lastMessage?.senderId !== meId) onNew(room)
    }
    primed = items.length > 0
  })
}
