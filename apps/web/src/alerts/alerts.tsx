import { useTally } from '../tally/tally-context.ts'
import { usePreferenceStore } from './preference-store.ts'
import { useAlerts } from './use-alerts.ts'

/** Sounds and notifications of the system, for as long as it is there. Shows nothing itself. */
export function Alerts() {
  useAlerts(useTally(), usePreferenceStore())
  return null
}
