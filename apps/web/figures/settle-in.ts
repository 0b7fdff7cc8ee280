import { createTally } from '@tally/client'
import { changePreferences, readPreferences } from '@tally/client/extras'
import type { UserId } from '@tally/protocol'
import type { Where } from './open-page.ts'

/** Types of notifications that a host may have. */
const TYPES = ['application_viewed', 'job_recommended', 'interview', 'offer', 'contract', 'payday']

/** Somebody who has used it for a while: notifications of several types, quiet hours, two people blocked. */
export async function settleIn(
  { url, token }: Where,
  { userId, serverKey, blocked }: { userId: string; serverKey: string; blocked: readonly string[] },
): Promise<void> {
  for (const type of TYPES) {
    const response = await fetch(`${url}/v1/notifications`, {
      method: 'POST',
      headers: { 'x-api-key': serverKey, 'content-type': 'application/json' },
      body: JSON.stringify({ userIds: [userId], type, title: '소식', content: '' }),
    })
    if (!response.ok) throw new Error(`/v1/notifications answered ${response.status}`)
  }
  const tally = createTally({ url, token, shareTabs: false })
  for (const other of blocked) await tally.block(other as UserId)
  await changePreferences(tally, await readPreferences(tally), ({ quietHours, ...others }) => ({
    ...others,
    quietHours: { ...quietHours, on: true, timeZone: 'Asia/Seoul' },
  }))
}
