import type { RoomId } from '@tally/client'
import { useState } from 'react'
import {
  ChatRoom,
  NotificationBell,
  RoomList,
  UnreadBadge,
  useAppIconBadge,
  useFaviconBadge,
  useTabTitle,
} from '../../src/index.ts'

/** A messenger as a host would put it together. */
export function ChatScene({ firstRoomId }: { firstRoomId: RoomId | null }) {
  const [roomId, setRoomId] = useState(firstRoomId)
  useTabTitle('Jobs')
  useFaviconBadge()
  useAppIconBadge()
  return (
    <div
      style={{ display: 'grid', gridTemplate: '56px minmax(0, 1fr) / 320px minmax(0, 1fr)', height: '100vh' }}
    >
      <header style={{ gridColumn: '1 / -1', display: 'flex', justifyContent: 'space-between', padding: 10 }}>
        <span data-testid="total">
          <UnreadBadge announce />
        </span>
        <NotificationBell onOpen={({ link }) => link !== null && location.assign(`#${link}`)} />
      </header>
      <RoomList hrefOf={(id) => `#/rooms/${id}`} onSelect={setRoomId} selectedRoomId={roomId} />
      {roomId === null ? <p>Nothing is open</p> : <ChatRoom autoFocus roomId={roomId} />}
    </div>
  )
}
