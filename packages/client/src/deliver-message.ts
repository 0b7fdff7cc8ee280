import type { WireMessage } from '@tally/protocol'
import type { Connection } from './connection.ts'
import { registerOfWire } from './message-register.ts'
import type { PendingMessage } from './pending-message.ts'
import type { RoomChannels } from './room-channels.ts'
import type { Stores } from './stores.ts'

type Places = { readonly connection: Connection; readonly channels: RoomChannels; readonly stores: Stores }

/** Sends a message that waits. @returns how it is stored; by then it is shown so. @throws RequestError */
export async function deliverMessage(
  { connection, channels, stores }: Places,
  { roomId, text, type, clientId, replyTo, attachments }: PendingMessage,
): Promise<WireMessage> {
  const { message } = await connection.provider().send('send-message', {
    roomId,
    message: text,
    messageType: type,
    clientId,
    replyTo,
    attachments: attachments?.map(({ id }) => id),
  })
  const register = registerOfWire(message)
  channels.find(roomId)?.log.applyMessage(register)
  stores.rooms.applyMessage(register.message)
  return message
}
