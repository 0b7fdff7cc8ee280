import { useSyncExternalStore } from 'react'
import { Opening } from './messenger/opening.tsx'
import { useRoute } from './routing/router.ts'
import { useSession } from './session/session.ts'
import { fetched, useFetched } from './ui/fetched.ts'
import { WithFace } from './ui/with-face.tsx'
import { UnknownPage } from './unknown-page.tsx'

const signInPage = fetched(async () => (await import('./session/sign-in-page.tsx')).SignInPage)
const messenger = fetched(async () => (await import('./messenger/messenger.tsx')).Messenger)
const demoPage = fetched(async () => (await import('./demo/demo-page.tsx')).DemoPage)
const designPage = fetched(async () => (await import('./design/design-page.tsx')).DesignPage)

/** Which page stands at the address. */
export function App() {
  const route = useRoute()
  const session = useSession()
  const token = useSyncExternalStore(session.subscribe, session.get)
  const isMessenger = route.page === 'chats' || route.page === 'room'
  const DemoPage = useFetched(demoPage, route.page === 'demo')
  const DesignPage = useFetched(designPage, route.page === 'design')
  const SignInPage = useFetched(signInPage, isMessenger && token === null)
  const Messenger = useFetched(messenger, isMessenger && token !== null)
  switch (route.page) {
    case 'demo':
      return DemoPage === null ? <Opening /> : <DemoPage />
    case 'design':
      return DesignPage === null ? <Opening /> : <DesignPage />
    case 'unknown':
      return <UnknownPage />
    case 'chats':
    case 'room':
      if (token === null) {
        if (SignInPage === null) return <Opening />
        return (
          <WithFace>
            <SignInPage />
          </WithFace>
        )
      }
      if (Messenger === null) return <Opening />
      return <Messenger key={token} place={route.page === 'room' ? route : undefined} token={token} />
  }
}
