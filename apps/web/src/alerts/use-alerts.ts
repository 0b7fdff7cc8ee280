import type { Notification, Tally } from '@tally/client'
import type { Interruption } from '@tally/client/extras'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { roomFace } from '../rooms/room-face.ts'
import { roomPath } from '../routing/route.ts'
import { useRouter } from '../routing/router.ts'
import { mayShow, maySound, useAlertStore } from './alert-settings.ts'
import { createChime, soundOnce } from './chime.ts'
import { answerForPerson, showDesktopNotification } from './desktop-notification.ts'
import type { PreferenceStore } from './preference-store.ts'
import { watchFeed } from './watch-feed.ts'
import { watchRooms } from './watch-rooms.ts'
import { type WhatIsPast, whatIsPast } from './what-is-past.ts'

type Note = { what: Interruption; title: string; body: string; path: string; tag: string }

/**
 * Sounds and notifications of the system for what comes while nobody looks at it, as far as the person wants them.
 *
 * @param since what was there when they began to be wanted, before this was loaded.
 */
export function useAlerts(tally: Tally, preferenceStore: PreferenceStore, since: WhatIsPast): void {
  const { t } = useTranslation()
  const store = useAlertStore()
  const router = useRouter()
  const begun = useRef<WhatIsPast | null>(since)
  useEffect(() => {
    // What came before this was loaded is told once.
    const past = begun.current ?? whatIsPast(tally)
    begun.current = null
    const chime = createChime()
    const myId = () => tally.me.get()?.id
    const alert = async ({ what, ...note }: Note) => {
      const settings = store.get()
      const preferences = await preferenceStore.current()
      const now = { preferences, what, at: new Date() }
      if (maySound(settings, now)) soundOnce(note.tag, chime)
      if (document.visibilityState === 'hidden' && mayShow(settings, now)) {
        await showDesktopNotification({ ...note, userId: myId(), onOpen: () => router.go(note.path) })
      }
    }
    // Who cannot ask what the person wants disturbs nobody.
    const tryTo = (note: Note) => void alert(note).catch(() => {})
    const rooms = watchRooms(
      tally,
      (room) =>
        tryTo({
          what: { kind: 'message' },
          title: roomFace(room, tally.me.get()?.id).name ?? t('person.former'),
          body: room.lastMessage?.text ?? '',
          path: roomPath(room.id),
          tag: room.id,
        }),
      past.rooms,
    )
    const tellOf = ({ type, title, content, link, id }: Notification) =>
      tryTo({
        what: { kind: 'notification', type },
        title,
        body: content,
        path: link?.startsWith('/') === true ? link : '/',
        tag: id,
      })
    const feed = watchFeed(tally, tellOf, past)
    const stops = [rooms, feed, answerForPerson(myId)]
    return () => {
      for (const stop of stops) stop()
    }
  }, [tally, store, preferenceStore, router, t])
}
