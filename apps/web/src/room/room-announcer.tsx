import type { MessageList, RoomState, SentMessage } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { memberName } from '../rooms/room-face.ts'
import { useRefusalWords } from '../use-attempt.ts'
import { createNews, type News } from './room-news.ts'

type RoomAnnouncerProps = { messages: MessageList; room: RoomState; meId: UserId | undefined }

type Announcement = { id: number; text: string }

/** Of more at once it is said how many there are, and the newest one. */
const MOST_AT_ONCE = 3
/** What was said stays in the page for so many more: a screen reader may still be at it. */
const KEPT = 10

/** Says what others write while the room is open, and what could not be sent, to those who listen. */
export function RoomAnnouncer({ messages, room, meId }: RoomAnnouncerProps) {
  const { t } = useTranslation()
  const refusalWords = useRefusalWords()
  const [said, setSaid] = useState<readonly Announcement[]>([])
  const news = useRef<ReturnType<typeof createNews>>(undefined)
  const wordsFor = useRef<(news: News) => string[]>(undefined)
  const lastSeq = room.seq
  const line = (name: string, text: string) => t('room.incoming', { name, text })
  const wordsOf = ({ senderId, text }: SentMessage) =>
    senderId === null ? text : line(memberName(room, senderId) ?? t('person.former'), text)
  wordsFor.current = ({ incoming, failed }) => [
    ...(incoming.length > MOST_AT_ONCE ? [t('room.newLine', { count: incoming.length })] : []),
    ...incoming.slice(incoming.length > MOST_AT_ONCE ? -1 : 0).map(wordsOf),
    ...failed.map(({ error }) => line(t('message.failed'), refusalWords(error))),
  ]
  useEffect(() => {
    news.current ??= createNews()
    const texts = wordsFor.current?.(news.current({ messages, lastSeq, meId })) ?? []
    if (texts.length === 0) return
    // The same words once more are another thing that is said.
    setSaid((before) => {
      const nextId = (before.at(-1)?.id ?? 0) + 1
      return [...before, ...texts.map((text, index) => ({ id: nextId + index, text }))].slice(-KEPT)
    })
  }, [messages, lastSeq, meId])
  return (
    <div aria-live="polite" className="sr-only">
      {said.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  )
}
