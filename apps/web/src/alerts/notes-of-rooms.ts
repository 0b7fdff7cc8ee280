import type { RoomState } from '@tally/client'
import type { UserId } from '@tally/protocol'
import type { TFunction } from 'i18next'
import { previewText } from '../rooms/preview-text.ts'
import { roomFace } from '../rooms/room-face.ts'
import { roomPath } from '../routing/route.ts'

/** What a notification of the system says, and where it leads. One of the same tag takes its place. */
export type Note = { title: string; body: string; path: string; tag: string }

/** Rooms that have something new at the same time, as after a while without a connection: more are told as one. */
const TOLD_APART = 3

type NotesOptions = { t: TFunction; meId: UserId | undefined }

/** What there is to say about rooms with new messages, newest room first; the newest is said last, and so lies on top. */
export function notesOfRooms(rooms: readonly RoomState[], { t, meId }: NotesOptions): Note[] {
  const nameOf = (room: RoomState) => roomFace(room, meId).name ?? t('person.former')
  if (rooms.length > TOLD_APART) {
    const title = t('chats.newIn', { count: rooms.length })
    return [{ title, body: rooms.map(nameOf).join(', '), path: '/', tag: 'chats' }]
  }
  return rooms.toReversed().map((room) => ({
    title: nameOf(room),
    body: room.lastMessage === null ? '' : previewText(t, room, room.lastMessage),
    path: roomPath(room.id),
    tag: room.id,
  }))
}
