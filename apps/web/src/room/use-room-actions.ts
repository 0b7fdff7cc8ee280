import type { MessageState, RoomHandle, RoomState, SentMessage } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReportTarget } from '../report/report-dialog.tsx'
import { roomFace } from '../rooms/room-face.ts'
import { useRouter } from '../routing/router.ts'
import { blocksOf } from '../tally/blocks.ts'
import { useTally } from '../tally/tally-context.ts'
import { useBlocked } from '../tally/use-blocked.ts'
import type { Confirmation } from '../ui/confirm-popup.tsx'
import { useAttempt } from '../use-attempt.ts'
import type { RoomAction } from './room-menu.tsx'

type RoomActionsInput = {
  room: RoomState | undefined
  meId: UserId | undefined
  items: readonly MessageState[]
  onReport: (target: ReportTarget) => void
}

type RoomActionsControl = {
  act: (action: RoomAction) => void
  /** Whether the other person is blocked; `null`: not known yet, or there is nobody to block. */
  blocked: boolean | null
  /** Whether there is somebody to report. */
  reportable: boolean
  readable: boolean
  confirmation: Confirmation | null
  closeConfirmation: () => void
}

/** What happens when somebody does something with a room. */
export function useRoomActions(
  handle: RoomHandle,
  { room, meId, items, onReport }: RoomActionsInput,
): RoomActionsControl {
  const { t } = useTranslation()
  const tally = useTally()
  const attempt = useAttempt()
  const router = useRouter()
  const [confirmation, setConfirmation] = useState<Confirmation | null>(null)

  const other = room === undefined ? null : roomFace(room, meId)
  const blocked = useBlocked(tally, other?.otherId ?? null)
  const newest = items.findLast(
    (item): item is SentMessage =>
      item.state === 'sent' &&
      item.senderId !== meId &&
      item.senderId !== null &&
      item.deletedAt === undefined,
  )
  const leave = async () => {
    await handle.leave()
    // Whoever has gone to another room meanwhile stays there.
    const place = router.get()
    if (place.page === 'room' && place.roomId === room?.id) router.go('/')
  }
  const block = async (on: boolean) => {
    if (other?.otherId == null) return
    await blocksOf(tally).set(other.otherId, on)
  }
  const acts: Record<RoomAction, () => void> = {
    mute: () => attempt(handle.mute(true)),
    unmute: () => attempt(handle.mute(false)),
    archive: () => attempt(handle.archive(true)),
    unarchive: () => attempt(handle.archive(false)),
    'mark-unread': () => {
      if (newest === undefined) return
      attempt(handle.markUnread(newest.seq))
      router.go('/')
    },
    leave: () =>
      setConfirmation({
        title: t('confirm.leave'),
        hint: t('confirm.leaveHint'),
        action: t('roomMenu.leave'),
        onConfirm: () => attempt(leave()),
      }),
    block: () =>
      setConfirmation({
        title: t('confirm.block', { name: other?.name ?? t('person.former') }),
        hint: t('confirm.blockHint'),
        action: t('roomMenu.block'),
        onConfirm: () => attempt(block(true)),
      }),
    unblock: () => attempt(block(false)),
    report: () =>
      onReport({ kind: 'person', name: other?.name ?? t('person.former'), userId: other?.otherId ?? null }),
  }
  return {
    act: (action) => acts[action](),
    blocked,
    reportable: other !== null && other.otherId !== null,
    readable: newest !== undefined,
    confirmation,
    closeConfirmation: () => setConfirmation(null),
  }
}
