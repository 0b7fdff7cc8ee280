import {
  type Change,
  type ClientId,
  type IsoTime,
  type Message,
  type MessageId,
  type ReadEpoch,
  RequestError,
  type RoomId,
  type Seq,
  type UserId,
} from '@tally/protocol'

export type SimulatedMember = {
  readSeq: number
  readEpoch: number
  muted: boolean
  left: boolean
}

export type SimulatedRoom = {
  id: RoomId
  title: string
  metadata: Record<string, unknown>
  seq: number
  change: number
  factsVersion: number
  messages: Map<number, Message>
  members: Map<UserId, SimulatedMember>
}

/** What a database would hold: rooms, messages, members. Every write is one step, so its order is the commit order. */
export class SimulatedRooms {
  readonly rooms = new Map<RoomId, SimulatedRoom>()

  create(id: RoomId, userIds: readonly UserId[]): void {
    const members = userIds.map(
      (userId) => [userId, { readSeq: 0, readEpoch: 0, muted: false, left: false }] as const,
    )
    this.rooms.set(id, {
      id,
      title: `room ${id}`,
      metadata: {},
      seq: 0,
      change: 1,
      factsVersion: 1,
      messages: new Map(),
      members: new Map(members),
    })
  }

  /** @throws RequestError `room_not_found` for strangers and former members alike. */
  roomOf(userId: UserId, roomId: RoomId): { room: SimulatedRoom; member: SimulatedMember } {
    const room = this.rooms.get(roomId)
    const member = room?.members.get(userId)
    if (room === undefined || member === undefined || member.left) throw new RequestError('room_not_found')
    return { room, member }
  }

  send(userId: UserId, draft: { roomId: RoomId; text: string; clientId?: ClientId | undefined }): Message {
    const { roomId, text, clientId } = draft
    const stored = [...(this.rooms.get(roomId)?.messages.values() ?? [])].find(
      (message) => clientId !== undefined && message.clientId === clientId && message.senderId === userId,
    )
    if (stored !== undefined) return stored
    const { room } = this.roomOf(userId, roomId)
    room.seq++
    room.change++
    const message: Message = {
      id: `${roomId}-${room.seq}` as MessageId,
      roomId,
      seq: room.seq as Seq,
      change: room.change as Change,
      senderId: userId,
      type: 'regular',
      text,
      createdAt: `2026-01-01T00:00:00.${String(this.#now++).padStart(6, '0')}Z` as IsoTime,
      reactions: [],
      attachments: [],
      ...(clientId === undefined ? {} : { clientId }),
    }
    room.messages.set(room.seq, message)
    return message
  }

  edit(roomId: RoomId, seq: number, text: string): Message | undefined {
    return this.#change(roomId, seq, (message) => ({ ...message, text, editedAt: message.createdAt }))
  }

  delete(roomId: RoomId, seq: number): Message | undefined {
    return this.#change(roomId, seq, (message) => ({
      ...message,
      text: '',
      reactions: [],
      deletedAt: message.createdAt,
    }))
  }

  react(
    roomId: RoomId,
    seq: number,
    { userId, emoji }: { userId: UserId; emoji: string },
  ): Message | undefined {
    return this.#change(roomId, seq, (message) => ({ ...message, reactions: [{ emoji, userIds: [userId] }] }))
  }

  read(
    userId: UserId,
    read: { roomId: RoomId; upToSeq: number; readEpoch?: number | undefined },
  ): SimulatedMember {
    const { room, member } = this.roomOf(userId, read.roomId)
    if (read.readEpoch !== undefined && read.readEpoch < member.readEpoch) return member
    member.readSeq = Math.min(room.seq, Math.max(member.readSeq, read.upToSeq))
    return member
  }

  markUnread(userId: UserId, { roomId, fromSeq }: { roomId: RoomId; fromSeq: number }): SimulatedMember {
    const { room, member } = this.roomOf(userId, roomId)
    member.readSeq = Math.min(room.seq, Math.max(0, fromSeq - 1))
    member.readEpoch++
    return member
  }

  update(roomId: RoomId, facts: { title?: string; metadata?: Record<string, unknown> }): void {
    const room = this.rooms.get(roomId)
    if (room === undefined) return
    Object.assign(room, facts)
    factsChanged(room)
  }

  leave(userId: UserId, roomId: RoomId): void {
    const { room, member } = this.roomOf(userId, roomId)
    member.left = true
    factsChanged(room)
  }

  join(userId: UserId, roomId: RoomId): void {
    const room = this.rooms.get(roomId)
    if (room === undefined || room.members.get(userId)?.left === false) return
    const { readEpoch = 0, muted = false } = room.members.get(userId) ?? {}
    room.members.set(userId, { readSeq: room.seq, readEpoch, muted, left: false })
    factsChanged(room)
  }

  /** The recount: what is unread, counted from the messages themselves. */
  unread(userId: UserId, { messages, members }: SimulatedRoom): number {
    const readSeq = members.get(userId)?.readSeq ?? 0
    let unread = 0
    for (const { seq, senderId, deletedAt } of messages.values()) {
      if (seq > readSeq && senderId !== userId && deletedAt === undefined) unread++
    }
    return unread
  }

  /** A message as somebody sees it. */
  view(message: Message, viewer: UserId): Message {
    const { clientId, ...rest } = message
    return clientId !== undefined && message.senderId === viewer ? { ...rest, clientId } : rest
  }

  #now = 0

  #change(roomId: RoomId, seq: number, change: (message: Message) => Message): Message | undefined {
    const room = this.rooms.get(roomId)
    const known = room?.messages.get(seq)
    if (room === undefined || known === undefined || known.deletedAt !== undefined) return undefined
    room.change++
    const changed = { ...change(known), change: room.change as Change }
    room.messages.set(seq, changed)
    return changed
  }
}

function factsChanged(room: SimulatedRoom): void {
  room.change++
  room.factsVersion++
}

/** Where somebody's reading stands, as the wire has it. */
export function readStateOf(roomId: RoomId, { readSeq, readEpoch }: SimulatedMember) {
  return { roomId, readSeq: readSeq as Seq, readEpoch: readEpoch as ReadEpoch, unread: 0 }
}
