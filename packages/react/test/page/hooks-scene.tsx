import type { RoomId, UserId } from '@tally/client'
import {
  useBadge,
  useConnection,
  useMe,
  useMessages,
  useNotifications,
  usePresence,
  useRoom,
  useRooms,
  useTyping,
} from '../../src/index.ts'

/** Writes down what each hook says. */
export function HooksScene({ roomId }: { roomId: RoomId | null }) {
  const said = {
    badge: useBadge(),
    connection: useConnection().state,
    me: useMe()?.id,
    rooms: useRooms().items.map((room) => room.me.unread),
    notifications: useNotifications().items.map(({ title }) => title),
  }
  return (
    <>
      <pre data-testid="said">{JSON.stringify(said)}</pre>
      {roomId !== null && <RoomHooks roomId={roomId} />}
    </>
  )
}

function RoomHooks({ roomId }: { roomId: RoomId }) {
  const { room } = useRoom(roomId)
  const { items, send } = useMessages(roomId)
  const { typing, setTyping } = useTyping(roomId)
  const other = room?.members.find(({ userId }) => userId.startsWith('ann'))
  const presence = usePresence(other?.userId ?? ('nobody' as UserId))
  const said = {
    members: room?.members.length,
    messages: items.map(({ text, state }) => `${state}: ${text}`),
    typing,
    presence: presence.online,
  }
  return (
    <>
      <pre data-testid="said-of-room">{JSON.stringify(said)}</pre>
      <button onClick={() => setTyping(true)} type="button">
        type
      </button>
      <button onClick={() => send('from a hook')} type="button">
        send
      </button>
    </>
  )
}
