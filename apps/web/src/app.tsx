import { lazy, Suspense, useSyncExternalStore } from 'react'
import { Opening } from './messenger/opening.tsx'
import { useRoute } from './routing/router.ts'
import { useSession } from './session/session.ts'
import { SignInPage } from './session/sign-in-page.tsx'
import { UnknownPage } from './unknown-page.tsx'

const Messenger = lazy(() =>
  import('./messenger/messenger.tsx').then((module) => ({ default: module.Messenger })),
)
const DemoPage = lazy(() => import('./demo/demo-page.tsx').then((module) => ({ default: module.DemoPage })))
const DesignPage = lazy(() =>
  import('./design/design-page.tsx').then((module) => ({ default: module.DesignPage })),
)

/** Which page stands at the address. */
export function App() {
  const route = useRoute()
  const session = useSession()
  const token = useSyncExternalStore(session.subscribe, session.get)
  switch (route.page) {
    case 'demo':
      return (
        <Suspense fallback={<Opening />}>
          <DemoPage />
        </Suspense>
      )
    case 'design':
      return (
        <Suspense fallback={<Opening />}>
          <DesignPage />
        </Suspense>
      )
    case 'unknown':
      return <UnknownPage />
    case 'chats':
    case 'room':
      if (token === null) return <SignInPage />
      return (
        <Suspense fallback={<Opening />}>
          <Messenger key={token} place={route.page === 'room' ? route : undefined} token={token} />
        </Suspense>
      )
  }
}
