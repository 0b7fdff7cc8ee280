import type { RoomPreview, RoomState } from '@tally/client'
import type { TFunction } from 'i18next'
import { memberName } from './room-face.ts'

/** The last message of a room, of somebody else, in one line: in a group with who says it. */
export function previewText(t: TFunction, room: RoomState, { senderId, text }: RoomPreview): string {
  if (text === '') return t('chats.deleted')
  if (room.kind !== 'group' || senderId === null) return text
  const name = memberName(room, senderId) ?? t('person.former')
  return t('room.incoming', { name: isolated(name), text: isolated(text) })
}

/** For itself: a name that turns the direction of writing must not turn what stands beside it (UAX 9, FSI and PDI). */
function isolated(text: string): string {
  return `\u2068${text}\u2069`
}
