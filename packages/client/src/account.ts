import type { Caller } from './native-call.ts'

/** Somebody who said much waits for the first byte as well. */
const EXPORT_TIMEOUT_MS = 60_000

/** Everything there is of the person, as one JSON document. @throws RequestError `rate_limited`, … */
export async function exportMyData(tally: Caller): Promise<Blob> {
  const response = await tally.fetch('/v1/users/me/export', { timeoutMs: EXPORT_TIMEOUT_MS })
  return response.blob()
}

/**
 * Deletes the person's account: what they said stays without a sender, their sessions end everywhere.
 * @throws RequestError
 */
export async function deleteMyAccount(tally: Caller): Promise<void> {
  await tally.fetch('/v1/users/me', { method: 'DELETE' })
}
