import { useTally } from '../tally/tally-context.ts'
import { usePreferenceStore } from './preference-store.ts'
import { useAlerts } from './use-alerts.ts'
import type { WhatIsPast } from './what-is-past.ts'

/** Sounds and notifications of the system, for as long as it is there. Shows nothing itself. */
export function Alerts({ since }: { since: WhatIsPast }) {
  useAlerts(useTally(), usePreferenceStore(), since)
  return null
}
