import { createContext, useContext, useSyncExternalStore } from 'react'
import { type Route, routeOf } from './route.ts'

/** Where the screen is, and how to go elsewhere without loading the page anew. */
export type Router = {
  get(): Route
  /**
   * Who is there already arrives again: the route is another object then.
   * @param how `replace`: the same place by another address; whoever goes back does not come to the one that is left.
   */
  go(path: string, how?: { replace: boolean }): void
  subscribe(onChange: () => void): () => void
}

/** The router of the page: its place is the address. */
export function createRouter(): Router {
  const listeners = new Set<() => void>()
  let path = location.pathname
  let route = routeOf(path)

  const arrive = () => {
    path = location.pathname
    route = routeOf(path)
    for (const listener of listeners) listener()
  }
  addEventListener('popstate', () => path === location.pathname || arrive())
  return {
    get: () => route,
    go(to, { replace } = { replace: false }) {
      if (replace) history.replaceState(null, '', to)
      else if (to !== path) history.pushState(null, '', to)
      if (!replace || to !== path) arrive()
    },
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
