import { createTally } from '@tally/client'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { useAlerts } from '../alerts/use-alerts.ts'
import { BadgeAnnouncer } from '../announce/badge-announcer.tsx'
import { useTotalEverywhere } from '../announce/use-total-everywhere.ts'
import { createFileCache, FileCacheContext } from '../files/file-cache.ts'
import { NotificationBell } from '../notifications/notification-bell.tsx'
import { useChoice, usePreferences } from '../preferences.ts'
import { createDrafts, DraftsContext } from '../room/drafts.ts'
import { RoomSkeleton } from '../room/room-skeleton.tsx'
import { OwnBar } from '../rooms/own-bar.tsx'
import { RoomsPane } from '../rooms/rooms-pane.tsx'
import type { Route } from '../routing/route.ts'
import { useSession } from '../session/session.ts'
import { SessionEnded } from '../session/session-ended.tsx'
import { TallyContext, useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { NoRoom } from './no-room.tsx'
import { Opening } from './opening.tsx'

const SettingsDialog = lazy(() =>
  import('../settings/settings-dialog.tsx').then((module) => ({ default: module.SettingsDialog })),
)

const loadRoomView = () => import('../room/room-view.tsx')
const RoomView = lazy(() => loadRoomView().then((module) => ({ default: module.RoomView })))

/** The room that is open, and where in it. */
type Place = Extract<Route, { page: 'room' }>

/** The messenger of whoever `token` speaks for. */
export function Messenger({ token, place }: { token: string; place: Place | undefined }) {
  const [transport] = useChoice(usePreferences().transport)
  const tally = useMemo(() => createTally({ token }), [token])
  useEffect(() => tally.setTransport(transport), [tally, transport])
  useEffect(() => {
    tally.start()
    // The list comes first; the code of a room is there before anybody opens one.
    void loadRoomView()
    return () => void tally.stop()
  }, [tally])
  return (
    <TallyContext value={tally}>
      <Panes place={place} />
    </TallyContext>
  )
}

/** The list beside the room; on a phone the one or the other. */
function Panes({ place }: { place: Place | undefined }) {
  const roomId = place?.roomId
  const tally = useTally()
  const session = useSession()
  const connection = useStore(tally.connection)
  const badge = useStore(tally.badge)
  const me = useStore(tally.me)
  const [settings, setSettings] = useState(false)
  const meId = me?.id
  const drafts = useMemo(
    () => (meId === undefined ? null : createDrafts({ userId: meId, tally })),
    [meId, tally],
  )
  const files = useMemo(() => createFileCache(tally), [tally])
  useEffect(() => () => files.clear(), [files])
  useAlerts(tally)
  useTotalEverywhere(badge)

  if (
    connection.state === 'needs-auth' ||
    (connection.state === 'closed' && connection.error !== undefined)
  ) {
    return <SessionEnded />
  }
  if (drafts === null) return <Opening offline={connection.state === 'offline'} />
  return (
    <FileCacheContext value={files}>
      <DraftsContext value={drafts}>
        <div className="@container/screen grid h-dvh grid-cols-1 md:grid-cols-[320px_minmax(0,1fr)] xl:grid-cols-[360px_minmax(0,1fr)]">
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
                  onSignOut={session.signOut}
                />
              }
              openRoomId={roomId}
            />
          </nav>
          <main
            className={`min-h-0 min-w-0 flex-col bg-raised md:flex ${roomId === undefined ? 'hidden' : 'flex'}`}
          >
            {roomId === undefined ? (
              <NoRoom connection={connection} />
            ) : (
              <Suspense fallback={<RoomSkeleton />}>
                <RoomView key={roomId} roomId={roomId} seq={place?.seq} />
              </Suspense>
            )}
          </main>
        </div>
        <BadgeAnnouncer badge={badge} />
        <Suspense>{settings && <SettingsDialog onClose={() => setSettings(false)} open />}</Suspense>
      </DraftsContext>
    </FileCacheContext>
  )
}
