import type { RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { useTranslation } from 'react-i18next'
import { SendSign } from '../ui/send-sign.tsx'
import { previewText } from './preview-text.ts'
import { reachOf } from './room-face.ts'

type RoomPreviewProps = {
  room: RoomState
  meId: UserId | undefined
  /** What the person has begun to write there. */
  draft: string
}

/** The second line of a room's row: who is typing, the draft, or the last message. One line of text, whatever is in it. */
export function RoomPreview({ room, meId, draft }: RoomPreviewProps) {
  const { t } = useTranslation()
  if (room.typing.length > 0) return <span className="text-ink-2">{t('chats.typing')}</span>
  if (draft.trim() !== '') {
    return (
      <>
        <span className="text-ink-3">{t('chats.draft')} </span>
        {draft}
      </>
    )
  }
  const last = room.lastMessage
  if (last === null) return <span className="text-ink-3">{t('chats.noMessages')}</span>
  if (last.text === '') return <span className="text-ink-3">{t('chats.deleted')}</span>
  if (last.senderId === meId && meId !== undefined) {
    const { state } = reachOf(room, last.seq, meId)
    return (
      <>
        <SendSign label={t(`message.${state}`)} state={state} /> {last.text}
      </>
    )
  }
  return previewText(t, room, last)
}
