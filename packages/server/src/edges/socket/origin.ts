/**
 * Whether a browser page may connect. Requests without an Origin come from native apps and servers, which are not bound
 * by it; React Native sends the server's own address as one. Everything is compared as a whole: a prefix, a suffix or
 * `null` (sandboxed frames, files) matches nothing.
 *
 * @param allowed origins as browsers write them (`https://app.example.com`), or `*` alone for all.
 * @param host the `Host` the request was sent to.
 */
export function isOriginAllowed({
  origin,
  host,
  allowed,
}: {
  origin: string | undefined
  host: string | undefined
  allowed: readonly string[]
}): boolean {
  if (origin === undefined) return true
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false
  const url = new URL(origin)
  if (url.origin !== origin) return false
  return url.host === host || allowed.includes(origin) || allowed.includes('*')
}
