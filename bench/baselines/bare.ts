/**
 * `null` and a group commit: what arrives while a commit is under way goes together with the next. No rule about who may
 * send, no duplicates, no reading, counters in memory: the least a durable message can cost.
 */
import { type Send, serveBaseline } from './baseline-server.ts'
import { insertRooms, openTables } from './baseline-tables.ts'
import { CountedRooms } from './counted-rooms.ts'

const GROUP_SIZE = 500

const INSERT = {
  name: 'insert-messages',
  text: `insert into messages (room_id, sender_id, client_id, text)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
}

type Waiting = {
  userId: string
  message: Send
  stored: (result: object) => void
  failed: (error: unknown) => void
}

await serveBaseline(async (io) => {
  const database = await openTables()
  const rooms = new CountedRooms(io)
  const waiting: Waiting[] = []
  let isCommitting = false

  async function commitWaiting(): Promise<void> {
    if (isCommitting) return
    isCommitting = true
    while (waiting.length > 0) await commit(waiting.splice(0, GROUP_SIZE))
    isCommitting = false
  }

  async function commit(group: readonly Waiting[]): Promise<void> {
    const values = [
      group.map(({ message }) => message.roomId),
      group.map(({ userId }) => userId),
      group.map(({ message }) => message.clientId ?? null),
      group.map(({ message }) => message.message),
    ]
    try {
      await database.query({ ...INSERT, values })
    } catch (error) {
      for (const { failed } of group) failed(error)
      return
    }
    for (const { userId, message, stored } of group) {
      stored({})
      rooms.tell(userId, message)
    }
  }

  return {
    name: 'bare',
    createRooms: async (made) => {
      rooms.add(made)
      await insertRooms(database, made)
    },
    events: {
      'send-message': ({ userId }, message: Send) =>
        new Promise((stored, failed) => {
          waiting.push({ userId, message, stored, failed })
          void commitWaiting()
        }),
    },
  }
})
