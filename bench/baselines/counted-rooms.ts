import type { Server } from 'socket.io'
import type { BaselineRoom, Send } from './baseline-server.ts'

/** Unread counters in memory, and one frame for everybody else in the room. */
export class CountedRooms {
  readonly #io: Server
  /** By room, everybody in it with how many messages of others they have not read. */
  readonly #unread = new Map<string, Map<string, number>>()

  constructor(io: Server) {
    this.#io = io
  }

  add(rooms: readonly BaselineRoom[]): void {
    for (const { roomId, userIds } of rooms) {
      this.#unread.set(roomId, new Map(userIds.map((userId) => [userId, 0])))
    }
  }

  tell(senderId: string, { roomId, message }: Send): void {
    const members = this.#unread.get(roomId)
    const at = new Date().toISOString()
    for (const [userId, before] of members ?? []) {
      if (userId === senderId) continue
      members?.set(userId, before + 1)
      const row = { roomId, last_message: message, last_message_at: at, unread_count: before + 1 }
      this.#io.to(userId).emit('chat-room-updated', row)
    }
  }
}
