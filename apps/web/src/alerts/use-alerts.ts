import type { Notification, RoomState, Tally } from '@tally/client'
import type { Interruption } from '@tally/client/extras'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useRouter } from '../routing/router.ts'
import { mayShow, maySound, useAlertStore } from './alert-settings.ts'
import { createChime, soundOnce } from './chime.ts'
import { answerForPerson, showDesktopNotification } from './desktop-notification.ts'
import { type Note, notesOfRooms } from './notes-of-rooms.ts'
import type { PreferenceStore } from './preference-store.ts'
import { watchFeed } from './watch-feed.ts'
import { watchRooms } from './watch-rooms.ts'
import { type WhatIsPast, whatIsPast } from './what-is-past.ts'

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
    const alert = async (what: Interruption, notes: readonly Note[]) => {
      const settings = store.get()
      const preferences = await preferenceStore.current()
      const now = { preferences, what, at: new Date() }
      // What comes together sounds once.
      const together = notes.map(({ tag }) => tag).join(' ')
      if (maySound(settings, now)) soundOnce(together, chime)
      if (document.visibilityState !== 'hidden' || !mayShow(settings, now)) return
      for (const note of notes)
        await showDesktopNotification({ ...note, userId: myId(), onOpen: () => router.go(note.path) })
    }
    // Who cannot ask what the person wants disturbs nobody.
    const tryTo = (...alerted: Parameters<typeof alert>) => void alert(...alerted).catch(() => {})
    const tellOfRooms = (news: readonly RoomState[]) =>
      tryTo({ kind: 'message' }, notesOfRooms(news, { t, meId: myId() }))
    const tellOfEntry = ({ type, title, content, link, id }: Notification) => {
      const path = link?.startsWith('/') === true ? link : '/'
      tryTo({ kind: 'notification', type }, [{ title, body: content, path, tag: id }])
    }
    const rooms = watchRooms(tally, tellOfRooms, past.rooms)
    const feed = watchFeed(tally, tellOfEntry, past)
    const stops = [rooms, feed, answerForPerson(myId)]
    return () => {
      for (const stop of stops) stop()
    }
  }, [tally, store, preferenceStore, router, t])
}
