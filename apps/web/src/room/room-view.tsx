import { isConnected } from '@tally/client'
import { useEffect, useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { OfflineStrip } from '../connection/offline-strip.tsx'
import { useFileDrop } from '../files/use-file-drop.ts'
import { useFormat } from '../format/format-context.ts'
import type { ReportTarget } from '../report/report-dialog.tsx'
import { memberName, roomFace } from '../rooms/room-face.ts'
import type { RoomPlace } from '../routing/route.ts'
import { RoomSearchPanel } from '../search/room-search-panel.tsx'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { fetched, useFetched } from '../ui/fetched.ts'
import { useHeld } from '../use-held.ts'
import { useNow } from '../use-now.ts'
import { Composer } from './composer.tsx'
import { History } from './history.tsx'
import { HistorySkeleton } from './history-skeleton.tsx'
import { MissingRoom } from './missing-room.tsx'
import { RoomAnnouncer } from './room-announcer.tsx'
import { RoomHeader } from './room-header.tsx'
import { RoomMenu } from './room-menu.tsx'
import { RoomSkeleton } from './room-skeleton.tsx'
import { TypingLine } from './typing-line.tsx'
import { useComposer } from './use-composer.ts'
import { useJumps } from './use-jumps.ts'
import { useMessageActions } from './use-message-actions.ts'
import { useRoomActions } from './use-room-actions.ts'
import { useUnreadLine } from './use-unread-line.ts'
import { useWriting } from './use-writing.ts'

const reportDialog = fetched(async () => (await import('../report/report-dialog.tsx')).ReportDialog)

const MISSING_AFTER_MS = 2_000

/** A room: who, what was said, and where one answers. */
export function RoomView({ place }: { place: RoomPlace }) {
  const { roomId } = place
  const { t } = useTranslation()
  const titleId = useId()
  const tally = useTally()
  const handle = useMemo(() => tally.room(roomId), [tally, roomId])
  const room = useStore(handle.state)
  const messages = useStore(handle.messages)
  const connection = useStore(tally.connection)
  const me = useStore(tally.me)
  useEffect(() => handle.open(), [handle])

  // Unknown at first, while it is being asked for; missing when it stays so.
  const missing = useHeld(room === undefined && isConnected(connection), MISSING_AFTER_MS)
  const line = useUnreadLine(messages, me?.id)
  const [report, setReport] = useState<ReportTarget | null>(null)
  const ReportDialog = useFetched(reportDialog, report !== null)
  const [searching, setSearching] = useState(false)
  const { items } = messages
  const { jump, jumpTo } = useJumps(handle, { place, opened: line !== null && items.length > 0 })
  const { writer, ...written } = useWriting(handle, { ...messages, jump })
  const composer = useComposer(writer, { room, meId: me?.id, items })
  const messageActions = useMessageActions(writer, { composer, room, onJump: jumpTo, onReport: setReport })
  const roomActions = useRoomActions(handle, { room, meId: me?.id, items, onReport: setReport })
  const presence = usePresenceWords(
    room === undefined ? null : roomFace(room, me?.id).otherId,
    room?.online ?? false,
  )

  const closed = room?.kind === 'direct' && roomFace(room, me?.id).name === null
  const drop = useFileDrop(closed || composer.props.mode.kind === 'edit' ? null : composer.attach)

  if (room === undefined) {
    if (missing) return <MissingRoom />
    return <RoomSkeleton />
  }
  const typing = room.typing.map((userId) => memberName(room, userId) ?? t('person.former'))
  return (
    <section
      aria-labelledby={titleId}
      className="@container relative flex min-h-0 flex-1 flex-col"
      {...drop.props}
    >
      <RoomHeader
        connection={connection}
        meId={me?.id}
        onSearch={() => setSearching(!searching)}
        presence={presence}
        room={room}
        searching={searching}
        titleId={titleId}
      >
        <RoomMenu
          archived={room.me.archived}
          blocked={roomActions.blocked}
          muted={room.me.muted}
          onAction={roomActions.act}
          readable={roomActions.readable}
          reportable={roomActions.reportable}
        />
      </RoomHeader>
      <OfflineStrip connection={connection} />
      {searching && <RoomSearchPanel meId={me?.id} onClose={() => setSearching(false)} room={room} />}
      {(line === null || items.length === 0) && (room.seq > 0 || items.length > 0) ? (
        <HistorySkeleton />
      ) : line === null || items.length === 0 ? (
        <p className="grid flex-1 place-items-center text-ink-2">{t('room.empty')}</p>
      ) : (
        <History
          {...messages}
          {...line}
          {...written}
          actions={messageActions.actions}
          asking={messageActions.confirmation !== null || report !== null}
          jump={jump}
          meId={me?.id}
          offline={!isConnected(connection) && connection.state !== 'catching-up'}
          onLoadAfter={() => handle.loadAfter().catch(() => {})}
          onLoadBefore={() => handle.loadBefore().catch(() => {})}
          onLoadNewest={() => handle.loadNewest()}
          onSeen={(seq) => handle.markRead(seq)}
          room={room}
        />
      )}
      <div className="scroll-gutter shrink-0 overflow-hidden @max-md:[scrollbar-width:none]">
        <div className="mx-auto w-full max-w-[1040px] px-4 pb-[max(16px,env(safe-area-inset-bottom))] @md:px-6 @md:pb-6">
          <TypingLine names={typing} />
          {closed ? (
            <p className="rounded-3 bg-sunken px-4 py-3 text-center text-ink-2">{t('room.closed')}</p>
          ) : (
            <Composer {...composer.props} />
          )}
        </div>
      </div>
      <RoomAnnouncer meId={me?.id} messages={messages} room={room} />
      {drop.isOver && !closed && (
        <p className="pointer-events-none absolute inset-3 z-30 grid place-items-center rounded-3 border-2 border-dashed border-action bg-raised/90 text-3 font-semibold text-action">
          {t('files.drop')}
        </p>
      )}
      {report !== null && ReportDialog !== null && (
        <ReportDialog onClose={() => setReport(null)} target={report} />
      )}
      <ConfirmDialog
        confirmation={messageActions.confirmation ?? roomActions.confirmation}
        onClose={() => {
          messageActions.closeConfirmation()
          roomActions.closeConfirmation()
        }}
      />
    </section>
  )
}

const NOBODY = { get: () => null, subscribe: () => () => {} }

/** "지금 접속 중" or when the other person was last here; null when there is nothing to say. */
function usePresenceWords(
  userId: Parameters<ReturnType<typeof useTally>['presence']>[0] | null,
  online: boolean,
) {
  const { t } = useTranslation()
  const tally = useTally()
  const format = useFormat()
  const now = useNow()
  const store = useMemo(() => (userId === null ? NOBODY : tally.presence(userId)), [tally, userId])
  const presence = useStore<{ online: boolean; lastSeenAt: string | null } | null>(store)
  if (presence?.online === true || online) return t('room.online')
  if (presence?.lastSeenAt == null) return null
  return t('room.lastSeen', { ago: format.ago(presence.lastSeenAt, now) })
}
