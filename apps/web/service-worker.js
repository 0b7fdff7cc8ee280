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
  event.waitUntil(clean())
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
  const { path } = event.notification.data
  event.notification.close()
  const open = async () => {
    const [page] = await self.clients.matchAll({ type: 'window' })
    if (page === undefined) return self.clients.openWindow(path)
    page.postMessage({ go: path })
    return page.focus()
  }
  event.waitUntil(open())
})
