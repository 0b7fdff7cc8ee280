import { createTally, type RoomId } from '@tally/client'
import { ChatRoom, NotificationBell, RoomList, TallyProvider, UnreadBadge, useTabTitle } from '@tally/react'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import '@tally/react/styles.css'
import './layout.css'

const tally = createTally({ token: new URLSearchParams(location.search).get('token') ?? '' })

function Chat() {
  const [roomId, setRoomId] = useState<RoomId | null>(null)
  useTabTitle('Jobs')
  return (
    <main>
      <h1>
        Jobs <UnreadBadge announce />
      </h1>
      <NotificationBell />
      <RoomList onSelect={setRoomId} selectedRoomId={roomId} />
      {roomId && <ChatRoom roomId={roomId} />}
    </main>
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <TallyProvider tally={tally}>
    <Chat />
  </TallyProvider>,
)
