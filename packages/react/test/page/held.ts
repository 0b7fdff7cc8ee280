import type { Readable, Tally } from '@tally/client'

type Held = { subscriptions: number; listeners: number; intervals: number }

/** Counts what is taken and has to be given back: subscriptions, listeners of the page, intervals. Before anything runs. */
export function countHeld() {
  const held: Held = { subscriptions: 0, listeners: 0, intervals: 0 }
  for (const place of [window, document]) {
    const add = place.addEventListener.bind(place)
    const remove = place.removeEventListener.bind(place)
    const taken = new Map<string, Set<unknown>>()
    place.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
      add(type, listener, options)
      const known = taken.get(type) ?? new Set()
      taken.set(type, known)
      if (!known.has(listener)) held.listeners++
      known.add(listener)
    }
    place.removeEventListener = (type: string, listener: EventListener, options?: EventListenerOptions) => {
      remove(type, listener, options)
      if (taken.get(type)?.delete(listener)) held.listeners--
    }
  }
  const running = new Set<unknown>()
  const { setInterval, clearInterval } = window
  window.setInterval = ((...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args)
    running.add(timer)
    held.intervals = running.size
    return timer
  }) as typeof window.setInterval
  window.clearInterval = (timer) => {
    clearInterval(timer)
    running.delete(timer)
    held.intervals = running.size
  }

  const watched = new WeakMap<object, Readable<unknown>>()
  const watchReadable = <T>(readable: Readable<T>): Readable<T> => {
    const known = watched.get(readable)
    if (known !== undefined) return known as Readable<T>
    const copy: Readable<T> = {
      get: readable.get,
      subscribe: (onChange) => {
        const end = readable.subscribe(onChange)
        held.subscriptions++
        let ended = false
        return () => {
          if (!ended) held.subscriptions--
          ended = true
          end()
        }
      },
    }
    watched.set(readable, copy)
    return copy
  }
  const rooms = new Map<string, ReturnType<Tally['room']>>()
  const watch = (tally: Tally): Tally => ({
    ...tally,
    connection: watchReadable(tally.connection),
    me: watchReadable(tally.me),
    badge: watchReadable(tally.badge),
    rooms: watchReadable(tally.rooms),
    notifications: { ...tally.notifications, list: watchReadable(tally.notifications.list) },
    presence: (userId) => watchReadable(tally.presence(userId)),
    room: (roomId) => {
      const known = rooms.get(roomId)
      if (known !== undefined) return known
      const handle = tally.room(roomId)
      const copy = {
        ...handle,
        state: watchReadable(handle.state),
        messages: watchReadable(handle.messages),
        // An open room is something held, too.
        open: () => {
          const end = handle.open()
          held.subscriptions++
          return () => {
            held.subscriptions--
            end()
          }
        },
      }
      rooms.set(roomId, copy)
      return copy
    },
  })
  return { watch, now: () => ({ ...held }) }
}
