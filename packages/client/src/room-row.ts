import type {
  ChatRoomUpdated,
  Member,
  MemberLeft,
  Message,
  ProfileChanged,
  ReadEpoch,
  Room,
  Seq,
  UserId,
} from '@tally/protocol'
import type { RevClock, RevStamp } from './rev-clock.ts'

/** A room's last message as its row shows it. */
export type RoomPreview = {
  seq: Seq
  /** `null`: a system message, or the account was deleted. */
  senderId: UserId | null
  /** Empty when the message was deleted. */
  text: string
  createdAt: string
}

/** A room as the list shows it. */
export type RoomState = Omit<Room, 'lastMessage'> & {
  lastMessage: RoomPreview | null
  /** Others who are typing; known while the room is open here. */
  typing: readonly UserId[]
  /** Whether anybody else of the room is here. */
  online: boolean
}

/** What is known of a room without its live parts, and how new each part is. */
export type RoomRow = {
  readonly room: Omit<RoomState, 'typing' | 'online'>
  /** When `me.unread` was told; apart from the flags, because an open room's number is known without its row. */
  readonly unreadAt: RevStamp
  /** When the row was told: `me.muted`, `me.archived`, and that the person is in the room at all. */
  readonly toldAt: RevStamp
  /** The room's `change` that the last message is of. */
  readonly previewChange: number
  /** The one that title, metadata and members are of: messages raise the room's, and say nothing of these. */
  readonly factsChange: number
}

/** Where the own reading of a room stands. */
export type OwnReading = { readSeq: Seq; readEpoch: ReadEpoch }

/** A row made of a room that was not known before. */
export function rowOf(room: Room, stamp: RevStamp): RoomRow {
  const { lastMessage, ...facts } = room
  return {
    room: { ...facts, lastMessage: lastMessage && previewOf(lastMessage) },
    unreadAt: stamp,
    toldAt: stamp,
    previewChange: room.change,
    factsChange: room.change,
  }
}

/** A row after the server told all of the room. */
export function mergeRoom(
  row: RoomRow,
  room: Room,
  { stamp, clock }: { stamp: RevStamp; clock: RevClock },
): RoomRow {
  const fresh = rowOf(room, stamp)
  const isNewer = room.change >= row.factsChange || !clock.isCurrent(row.toldAt)
  const [facts, other] = isNewer ? [fresh.room, row.room] : [row.room, room]
  const merged = mergeCounters(row, room.me, { stamp, clock })
  return {
    ...merged,
    room: {
      ...facts,
      members: withReceipts(facts, other),
      seq: highest(room.seq, row.room.seq),
      change: highest(room.change, row.room.change),
      lastMessage: room.change >= row.previewChange ? fresh.room.lastMessage : row.room.lastMessage,
      me: { ...facts.me, ...countersOf(merged.room.me), ...laterReading(row.room.me, room.me) },
    },
    previewChange: Math.max(row.previewChange, room.change),
    factsChange: isNewer ? room.change : row.factsChange,
  }
}

/** A row after a frame of the list: absolute values, of which an older one is ignored. */
export function mergeFrame(
  row: RoomRow,
  frame: ChatRoomUpdated,
  { stamp, clock }: { stamp: RevStamp; clock: RevClock },
): RoomRow {
  if (!clock.replaces(stamp, row.toldAt)) return row
  const { me } = row.room
  const counters = {
    unread: frame.unread_count,
    muted: frame.muted ?? me.muted,
    archived: frame.archived ?? me.archived,
  }
  const merged = mergeCounters(row, counters, { stamp, clock })
  const { room } = merged
  const change = frame.change ?? room.change
  const previewIsNewer = change >= row.previewChange
  return {
    ...merged,
    room: {
      ...room,
      seq: highest(frame.last_message_seq ?? room.seq, room.seq),
      change: highest(change, room.change),
      lastMessage: previewIsNewer ? previewOfFrame(frame, room.lastMessage) : room.lastMessage,
    },
    previewChange: Math.max(row.previewChange, change),
  }
}

/** A row after its number alone was told. */
export function mergeUnread(
  row: RoomRow,
  unread: number,
  { stamp, clock }: { stamp: RevStamp; clock: RevClock },
): RoomRow {
  if (row.room.me.unread === unread || !clock.replaces(stamp, row.unreadAt)) return row
  return { ...row, room: { ...row.room, me: { ...row.room.me, unread } }, unreadAt: stamp }
}

/** A row after a message of its room: of an open room no frames of the list come. */
export function mergeMessage(row: RoomRow, message: Message): RoomRow {
  const { room } = row
  const isLast = message.seq >= (room.lastMessage?.seq ?? 0)
  const isNewer = isLast && message.change > row.previewChange
  const grows = message.seq > room.seq || message.change > room.change
  if (!isNewer && !grows) return row
  return {
    ...row,
    room: {
      ...room,
      seq: highest(message.seq, room.seq),
      change: highest(message.change, room.change),
      lastMessage: isNewer ? previewOf(message) : room.lastMessage,
    },
    previewChange: isNewer ? message.change : row.previewChange,
  }
}

/** A row after the own reading moved: a higher epoch wins, within one the higher seq. */
export function mergeReading(row: RoomRow, reading: OwnReading): RoomRow {
  const { me } = row.room
  const later = laterReading(me, reading)
  if (later.readSeq === me.readSeq && later.readEpoch === me.readEpoch) return row
  return { ...row, room: { ...row.room, me: { ...me, ...later } } }
}

/** How far somebody's devices have come, and how far the person read. */
export type Receipt = { userId: UserId; readSeq?: Seq; deliveredSeq?: Seq }

/** A row after somebody read on, or a device of theirs received something. */
export function mergeReceipt(row: RoomRow, receipt: Receipt): RoomRow {
  const known = row.room.members.find(({ userId }) => userId === receipt.userId)
  const further = known && furthest(known, receipt)
  if (further === known) return row
  const members = row.room.members.map((member) => (member === known && further ? further : member))
  return { ...row, room: { ...row.room, members } }
}

/** A row after somebody got another name. */
export function mergeProfile(row: RoomRow, { userId, ...profile }: ProfileChanged): RoomRow {
  const { room } = row
  const isHere = room.members.some((member) => member.userId === userId && !member.left)
  if (!isHere) return row
  const members = room.members.map((member) =>
    member.userId === userId ? { ...member, ...profile } : member,
  )
  return { ...row, room: { ...room, members } }
}

/** A row after somebody left its room. */
export function mergeLeft(row: RoomRow, { userId, change = row.room.change, deleted }: MemberLeft): RoomRow {
  const { room } = row
  const gone = room.members.find((member) => member.userId === userId && !member.left)
  if (gone === undefined) return row
  const left = { ...gone, left: true, ...(deleted ? { name: null, image: null } : {}) }
  return {
    ...row,
    room: {
      ...room,
      change: highest(change, room.change),
      members: room.members.map((member) => (member === gone ? left : member)),
      memberCount: room.memberCount - 1,
    },
    // What an answer of before says beside it is known once the room was asked for again.
    factsChange: Math.max(row.factsChange, change),
  }
}

/** Where a row stands in the list: the newest message first, then the newest room. */
export function compareRows(a: RoomRow, b: RoomRow): number {
  return compare(activityOf(b), activityOf(a)) || compare(b.room.id, a.room.id)
}

const activityOf = ({ room }: RoomRow): string => room.lastMessage?.createdAt ?? room.createdAt

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const highest = <T extends number>(a: T, b: T): T => (a > b ? a : b)

type Counters = Pick<Room['me'], 'unread' | 'muted' | 'archived'>

const countersOf = ({ unread, muted, archived }: Counters): Counters => ({ unread, muted, archived })

function mergeCounters(
  row: RoomRow,
  told: Counters,
  { stamp, clock }: { stamp: RevStamp; clock: RevClock },
): RoomRow {
  const { me } = row.room
  const unreadIsNewer = clock.replaces(stamp, row.unreadAt)
  const flags = clock.replaces(stamp, row.toldAt) ? told : me
  const counters = {
    unread: unreadIsNewer ? told.unread : me.unread,
    muted: flags.muted,
    archived: flags.archived,
  }
  return {
    ...row,
    room: { ...row.room, me: { ...me, ...counters } },
    unreadAt: unreadIsNewer ? stamp : row.unreadAt,
    toldAt: flags === told ? stamp : row.toldAt,
  }
}

function laterReading(a: OwnReading, b: OwnReading): OwnReading {
  const { readSeq, readEpoch } =
    b.readEpoch > a.readEpoch || (b.readEpoch === a.readEpoch && b.readSeq > a.readSeq) ? b : a
  return { readSeq, readEpoch }
}

/** What somebody was once seen to have, or to have read, stays so: a receipt may have overtaken these facts. */
function withReceipts(facts: Pick<Room, 'members'>, other: Pick<Room, 'members'>): Room['members'] {
  const receipts = new Map(other.members.map((member) => [member.userId, member]))
  return facts.members.map((member) => furthest(member, receipts.get(member.userId) ?? member))
}

/** What was read was received. */
function furthest(
  member: Member,
  { readSeq = 0 as Seq, deliveredSeq = readSeq }: Omit<Receipt, 'userId'>,
): Member {
  return readSeq > member.readSeq || deliveredSeq > member.deliveredSeq
    ? {
        ...member,
        readSeq: highest(readSeq, member.readSeq),
        deliveredSeq: highest(deliveredSeq, member.deliveredSeq),
      }
    : member
}

function previewOf({ seq, senderId, text, createdAt }: Message): RoomPreview {
  return { seq, senderId, text, createdAt }
}

function previewOfFrame(frame: ChatRoomUpdated, known: RoomPreview | null): RoomPreview | null {
  if (frame.last_message_at === null) return null
  return {
    seq: frame.last_message_seq ?? known?.seq ?? (0 as Seq),
    senderId: frame.last_sender_id ?? null,
    text: frame.last_message ?? '',
    createdAt: frame.last_message_at,
  }
}
