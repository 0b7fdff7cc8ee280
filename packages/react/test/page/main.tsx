import { createTally, type RoomId, type TransportPolicy } from '@tally/client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, version } from 'react'
import { createRoot } from 'react-dom/client'
import { TallyProvider } from '../../src/index.ts'
import '../../src/styles.css'
import { ChatScene } from './chat-scene.tsx'
import { countHeld } from './held.ts'
import { HooksScene } from './hooks-scene.tsx'
import { PollingScene } from './polling-scene.tsx'

const wanted = new URLSearchParams(location.search)
const roomId = wanted.get('room') as RoomId | null
const held = countHeld()
const tally = held.watch(
  createTally({
    token: wanted.get('token') ?? '',
    shareTabs: wanted.get('tabs') === 'shared',
    transport: (wanted.get('transport') ?? 'auto') as TransportPolicy,
    // Back-off without long waits.
    random: () => Math.random() / 20,
  }),
)
const queries = new QueryClient()
const scenes = {
  chat: () => <ChatScene firstRoomId={roomId} />,
  hooks: () => <HooksScene roomId={roomId} />,
  polling: () => <PollingScene />,
}
const scene = scenes[(wanted.get('scene') ?? 'chat') as keyof typeof scenes]
document.documentElement.dataset.react = version
const root = createRoot(document.getElementById('root') as HTMLElement)
root.render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <TallyProvider
        connect={scene !== scenes.polling}
        language={wanted.get('language') ?? 'en'}
        tally={tally}
      >
        {scene()}
      </TallyProvider>
    </QueryClientProvider>
  </StrictMode>,
)

/** For the test: what a page holds that has to be given back, and how to take the app off the page. */
Object.assign(window, { tally, held: held.now, unmount: () => root.unmount() })
