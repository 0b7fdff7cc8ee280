import type { RoomId, UserId } from '@tally/protocol'
import type { ReadHeadItem, SendItem } from './group-items.ts'

/** A room of a group, and what it gets when every send is stored. */
type Room = { readonly at: number; messages: number; counted: number }

/** A sender's member row. */
type Row = { readonly at: number; readonly roomId: RoomId; readonly userId: UserId; counted: number }

/** Where a send belongs, and its numbers when every send is stored. */
type Place = {
  readonly roomAt: number
  readonly rowAt: number
  readonly nth: number
  readonly countedNth: number
}

/** The sends of a group as the arguments of `functions/commit-group.sql`, which says what they are. */
export function sendColumns(sends: readonly SendItem[]): unknown[] {
  const rooms = roomsOf(sends)
  const rows = new Map<string, Row>()
  const places = sends.map((send) => placeOf(send, rooms, rows))
  const roomColumn = columnOf([...rooms.values()])
  const rowColumn = columnOf([...rows.values()])
  const placeColumn = columnOf(places)
  const sendColumn = columnOf(sends)
  const areAllCounted = sends.every(({ counted }) => counted)
  return [
    notEmpty([...rooms.keys()]),
    roomColumn(({ messages }) => messages),
    areAllCounted ? null : roomColumn(({ counted }) => counted),
    rowColumn(({ roomId }) => roomId),
    rowColumn(({ userId }) => userId),
    rowColumn(({ counted }) => counted),
    placeColumn(({ roomAt }) => roomAt),
    placeColumn(({ rowAt }) => rowAt),
    placeColumn(({ nth }) => nth),
    areAllCounted ? null : placeColumn(({ countedNth }) => countedNth),
    unless(firstsOf(sends), (first, index) => first === index + 1),
    unless(
      sends.map(({ kind }) => kind === 'system'),
      (isSystem) => !isSystem,
    ),
    areAllCounted ? null : sendColumn(({ counted }) => counted),
    sendColumn(({ id }) => id),
    sendColumn(({ type }) => type),
    sendColumn(({ text }) => text),
    unless(
      sends.map(({ data }) => (data === undefined ? null : JSON.stringify(data))),
      isNull,
    ),
    sendColumn(({ clientId }) => clientId ?? null),
    sendColumn(({ fingerprint }) => fingerprint),
    unless(
      sends.map(({ replyTo }) => replyTo ?? null),
      isNull,
    ),
  ]
}

/** The reads of a group as the arguments of `functions/commit-group.sql`. */
export function readColumns(reads: readonly ReadHeadItem[]): unknown[] {
  const column = columnOf(reads)
  return [
    column(({ roomId }) => roomId),
    column(({ userId }) => userId),
    column(({ readEpoch }) => readEpoch ?? null),
  ]
}

/** Of each send the first one with the same clientId, counted from 1: itself where it has none. */
export function firstsOf(sends: readonly SendItem[]): number[] {
  const firsts = new Map<string, number>()
  return sends.map(({ roomId, senderId, clientId }, index) => {
    if (clientId === undefined) return index + 1
    const key = `${roomId}\n${senderId ?? ''}\n${clientId}`
    const first = firsts.get(key)
    if (first === undefined) firsts.set(key, index + 1)
    return first ?? index + 1
  })
}

/** The rooms of sends, each once, sorted as the database sorts them, or else it takes a longer way. */
export function roomIdsOf(sends: readonly SendItem[]): RoomId[] {
  return [...new Set(sends.map(({ roomId }) => roomId))].sort()
}

function roomsOf(sends: readonly SendItem[]): Map<RoomId, Room> {
  return new Map(roomIdsOf(sends).map((id, index) => [id, { at: index + 1, messages: 0, counted: 0 }]))
}

/** Goes through the sends in their order, and counts. */
function placeOf(send: SendItem, rooms: ReadonlyMap<RoomId, Room>, rows: Map<string, Row>): Place {
  const { roomId, senderId, counted } = send
  const room = rooms.get(roomId)
  if (room === undefined) throw new Error('a send without its room')
  room.messages += 1
  if (counted) room.counted += 1
  const row = senderId === null ? undefined : rowOf({ roomId, userId: senderId }, rows)
  if (row !== undefined && counted) row.counted += 1
  return { roomAt: room.at, rowAt: row?.at ?? 0, nth: room.messages, countedNth: room.counted }
}

function rowOf({ roomId, userId }: { roomId: RoomId; userId: UserId }, rows: Map<string, Row>): Row {
  const key = `${roomId}\n${userId}`
  const known = rows.get(key)
  if (known !== undefined) return known
  const row = { at: rows.size + 1, roomId, userId, counted: 0 }
  rows.set(key, row)
  return row
}

function columnOf<T>(items: readonly T[]) {
  return <V>(read: (item: T) => V): V[] | null => notEmpty(items.map(read))
}

function notEmpty<V>(column: V[]): V[] | null {
  return column.length === 0 ? null : column
}

/** The column, if it says anything. */
function unless<V>(column: V[], saysNothing: (value: V, index: number) => boolean): V[] | null {
  return column.every(saysNothing) ? null : column
}

function isNull(value: unknown): boolean {
  return value === null
}
