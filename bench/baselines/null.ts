/** Socket.IO alone: parse, acknowledge, one emit; nothing is stored. The limit of the sockets. */
import { type Send, serveBaseline } from './baseline-server.ts'
import { CountedRooms } from './counted-rooms.ts'

await serveBaseline((io) => {
  const rooms = new CountedRooms(io)
  return {
    name: 'null',
    createRooms: async (made) => rooms.add(made),
    events: {
      'send-message': async ({ userId }, message: Send) => {
        rooms.tell(userId, message)
        return {}
      },
    },
  }
})
