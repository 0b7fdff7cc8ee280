// The shell of the page, for when there is no network: what was built, and nothing of anybody's. Answers of the server are
// never kept here; what the client keeps for itself is in its own storage.
const SHELL = __SHELL__
const CACHE = `tally-${SHELL.version}`

/** Addresses that show the page itself. */
const PAGES = /^\/(?:$|demo$|design$|r\/)/

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.files)))
})

// A new version waits until the tabs of the old one are gone, so nothing is taken away from under them.
self.addEventListener('activate', (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name)
  }
  // The page that installed it as well.
  event.waitUntil(clean().then(() => self.clients.claim()))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') {
    // The newest page if there is one to be had.
    if (PAGES.test(url.pathname)) event.respondWith(fetch(request).catch(() => caches.match('/')))
  } else if (SHELL.files.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(request)))
  }
})

self.addEventListener('notificationclick', (event) => {
  const { path, userId } = event.notification.data
  event.notification.close()
  const open = async () => {
    const page = await pageOf(userId)
    if (page === undefined) return self.clients.openWindow(addressed(path, userId))
    page.postMessage({ go: path })
    return page.focus()
  }
  event.waitUntil(open())
})

/** A new page is whose browser it was last: it must know for whom it was opened. */
function addressed(path, userId) {
  const url = new URL(path, location.origin)
  url.searchParams.set('for', userId)
  return url.href
}

/** A page of that person: two windows of a browser may be two people. */
async function pageOf(userId) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const people = await Promise.all(pages.map(personOf))
  return pages[people.indexOf(userId)]
}

/** Pages answer at once, if there is anybody who could. */
const ANSWER_WITHIN_MS = 500

function personOf(page) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => resolve(data)
    setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS)
    page.postMessage({}, [port2])
  })
}
