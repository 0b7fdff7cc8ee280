import { createContext, useContext, useSyncExternalStore } from 'react'
import { type Route, routeOf } from './route.ts'

/** Where the page is, and how to go elsewhere without loading it anew. */
export type Router = {
  get(): Route
  /** `replace`: the place left is not one to come back to. */
  go(path: string, options?: { replace?: boolean }): void
  back(): void
  subscribe(onChange: () => void): () => void
}

export function createRouter(): Router {
  const listeners = new Set<() => void>()
  let path = location.pathname
  let route = routeOf(path)
  // How many places of ours lie behind this one: going back must not leave the app.
  let depth = 0

  const arrive = () => {
    if (path === location.pathname) return
    path = location.pathname
    route = routeOf(path)
    for (const listener of listeners) listener()
  }
  addEventListener('popstate', () => {
    depth = Math.max(0, depth - 1)
    arrive()
  })
  const go: Router['go'] = (to, options) => {
    if (to === location.pathname) return
    if (options?.replace === true) history.replaceState(null, '', to)
    else {
      history.pushState(null, '', to)
      depth++
    }
    arrive()
  }
  return {
    get: () => route,
    go,
    back: () => (depth > 0 ? history.back() : go('/', { replace: true })),
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}

export const RouterContext = createContext<Router | null>(null)

export function useRouter(): Router {
  const router = useContext(RouterContext)
  if (router === null) throw new Error('useRouter needs a RouterContext above it')
  return router
}

export function useRoute(): Route {
  const router = useRouter()
  return useSyncExternalStore(router.subscribe, router.get)
}
