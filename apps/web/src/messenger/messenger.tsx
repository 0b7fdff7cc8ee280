import { createTally, isConnected } from '@tally/client'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createPreferenceStore, PreferenceStoreContext } from '../alerts/preference-store.ts'
import { type WhatIsPast, whatIsPast } from '../alerts/what-is-past.ts'
import { BadgeAnnouncer } from '../announce/badge-announcer.tsx'
import { useTotalEverywhere } from '../announce/use-total-everywhere.ts'
import { BadgeLatencyContext, createBadgeLatency } from '../connection/badge-latency.ts'
import { NotificationBell } from '../notifications/notification-bell.tsx'
import { useChoice, usePreferences } from '../preferences.ts'
import { createDrafts, DraftsContext } from '../room/drafts.ts'
import { RoomSkeleton } from '../room/room-skeleton.tsx'
import { OwnBar } from '../rooms/own-bar.tsx'
import { RoomsPane } from '../rooms/rooms-pane.tsx'
import type { RoomPlace } from '../routing/route.ts'
import { useAddressee } from '../routing/use-addressee.ts'
import { SessionEnded } from '../session/session-ended.tsx'
import { registerThisDevice } from '../session/this-device.ts'
import { useSignOut } from '../session/use-sign-out.ts'
import { TallyContext, useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { fetched, fetchWhenIdle, useFetched } from '../ui/fetched.ts'
import { WithFace } from '../ui/with-face.tsx'
import { NoRoom } from './no-room.tsx'
import { Opening } from './opening.tsx'

const alerts = fetched(async () => (await import('../alerts/alerts.tsx')).Alerts)
const settingsDialog = fetched(async () => (await import('../settings/settings-dialog.tsx')).SettingsDialog)
const roomView = fetched(async () => (await import('../room/room-view.tsx')).RoomView)

/** The messenger of whoever `token` speaks for. */
export function Messenger({ token, place }: { token: string; place: RoomPlace | undefined }) {
  const [transport] = useChoice(usePreferences().transport)
  const tally = useMemo(() => createTally({ token }), [token])
  useEffect(() => tally.setTransport(transport), [tally, transport])
  useEffect(() => {
    tally.start()
    return () => void tally.stop()
  }, [tally])
  return (
    <TallyContext value={tally}>
      <Panes place={place} />
    </TallyContext>
  )
}

/** What is shown of whoever it is, once that is known. */
function Panes({ place }: { place: RoomPlace | undefined }) {
  const tally = useTally()
  const connection = useStore(tally.connection)
  const badge = useStore(tally.badge)
  const me = useStore(tally.me)
  const meId = me?.id
  const drafts = useMemo(
    () => (meId === undefined ? null : createDrafts({ userId: meId, tally })),
    [meId, tally],
  )
  useEffect(() => () => drafts?.close(), [drafts])
  const latency = useMemo(() => createBadgeLatency(tally), [tally])
  useEffect(() => latency.watch(), [latency])
  const preferenceStore = useMemo(() => createPreferenceStore(tally), [tally])
  // Nothing can come before there is a connection; until then the list needs the way for itself.
  const since = useRef<WhatIsPast>(null)
  if (since.current === null && isConnected(connection)) since.current = whatIsPast(tally)
  const Alerts = useFetched(alerts, since.current !== null)
  useEffect(() => registerThisDevice(tally), [tally])
  useTotalEverywhere(badge)
  const isMeant = useAddressee(meId)

  if (
    connection.state === 'needs-auth' ||
    (connection.state === 'closed' && connection.error !== undefined)
  ) {
    return <SessionEnded />
  }
  return (
    <WithFace meanwhile={<Opening offline={connection.state === 'offline'} />} ready={drafts !== null}>
      {drafts !== null && (
        <DraftsContext value={drafts}>
          <PreferenceStoreContext value={preferenceStore}>
            <BadgeLatencyContext value={latency}>
              <ListAndRoom place={isMeant ? place : undefined} />
            </BadgeLatencyContext>
            {Alerts !== null && since.current !== null && <Alerts since={since.current} />}
          </PreferenceStoreContext>
          <BadgeAnnouncer badge={badge} />
        </DraftsContext>
      )}
    </WithFace>
  )
}

/** The list beside the room; on a phone the one or the other. */
function ListAndRoom({ place }: { place: RoomPlace | undefined }) {
  const { t } = useTranslation()
  const roomId = place?.roomId
  const tally = useTally()
  const signOut = useSignOut()
  const connection = useStore(tally.connection)
  const me = useStore(tally.me)
  const [settings, setSettings] = useState(false)
  const SettingsDialog = useFetched(settingsDialog, settings)
  const RoomView = useFetched(roomView, roomId !== undefined)
  // The list comes first; the code of a room is there before anybody opens one.
  const { items } = useStore(tally.rooms)
  const listed = items.length > 0
  useEffect(() => (listed ? fetchWhenIdle(roomView) : undefined), [listed])
  return (
    <>
      {/* Both are what the page is for: on a phone the list alone is. */}
      <main className="@container/screen grid h-dvh grid-cols-1 md:grid-cols-[320px_minmax(0,1fr)] xl:grid-cols-[360px_minmax(0,1fr)]">
        <nav
          className={`min-h-0 flex-col border-line md:flex md:border-r ${roomId === undefined ? 'flex' : 'hidden'}`}
        >
          <RoomsPane
            bell={<NotificationBell />}
            foot={
              <OwnBar
                connection={connection}
                me={me}
                onSettings={() => setSettings(true)}
                onSignOut={signOut}
              />
            }
            openRoomId={roomId}
          />
        </nav>
        <div
          className={`min-h-0 min-w-0 flex-col bg-raised md:flex ${roomId === undefined ? 'hidden' : 'flex'}`}
        >
          {/* On a phone the list's own title is not there while a room is. */}
          <h1 className="sr-only md:hidden">{t('chats.title')}</h1>
          {place === undefined ? (
            <NoRoom connection={connection} />
          ) : RoomView === null ? (
            <RoomSkeleton />
          ) : (
            <RoomView key={place.roomId} place={place} />
          )}
        </div>
      </main>
      {SettingsDialog !== null && <SettingsDialog onClose={() => setSettings(false)} open />}
    </>
  )
}
