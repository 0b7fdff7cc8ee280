import type { ProviderListener } from './provider.ts'

/** Makes a request, and tells how long it took there and back. */
export async function timed<T>(
  { nowMs, listener }: { nowMs: () => number; listener: ProviderListener },
  request: () => Promise<T>,
): Promise<T> {
  const askedAtMs = nowMs()
  const result = await request()
  listener.onRoundTrip(nowMs() - askedAtMs)
  return result
}
