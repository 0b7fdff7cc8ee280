import type { RoomState, UserId } from '@tally/client'
import type { ReactNode } from 'react'
import { useReadable } from '../hooks/use-readable.ts'
import { useTally } from '../tally-context.ts'
import type { Format } from '../texts/format.ts'
import type { Texts } from '../texts/texts.ts'
import { Avatar } from './avatar.tsx'
import { roomFace } from './room-face.ts'
import { useNow } from './use-now.ts'

type RoomHeadProps = { room: RoomState; meId: UserId | undefined; words: Texts; format: Format }

/** Who one talks to, and whether they are here. */
export function RoomHead({ room, meId, words, format }: RoomHeadProps): ReactNode {
  const { name, otherId, people } = roomFace(room, meId, words.formerMember)
  return (
    <header className="tally-head">
      <Avatar name={name} online={room.online} words={words} />
      <h2 className="tally-head-name" dir="auto">
        {name}
      </h2>
      <p className="tally-head-line">
        {otherId === null ? (
          words.members(people)
        ) : (
          <LastSeen format={format} userId={otherId} words={words} />
        )}
      </p>
    </header>
  )
}

type LastSeenProps = { userId: UserId; words: Texts; format: Format }

function LastSeen({ userId, words, format }: LastSeenProps): ReactNode {
  const { online, lastSeenAt } = useReadable(useTally().presence(userId))
  const now = useNow()
  if (online) return words.online
  return lastSeenAt === null ? null : words.lastSeen(format.ago(lastSeenAt, now))
}
