import { routeOf } from './route.ts'
import type { Router } from './router.ts'

/** A router that does not touch the address: for a screen within the page, like a phone of the demo. */
export function createMemoryRouter(path: string): Router {
  const listeners = new Set<() => void>()
  let route = routeOf(path)
  return {
    get: () => route,
    go(to) {
      route = routeOf(to)
      for (const listener of listeners) listener()
    },
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
  }
}
