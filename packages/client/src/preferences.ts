import { type Preferences, type PreferencesBody, RequestError, type v1 } from '@tally/protocol'
import { type Caller, nativeCall } from './native-call.ts'

type V1 = typeof v1

/** What a person can choose of what may reach them. */
export type PreferenceChoices = Omit<PreferencesBody, 'rev'>

/** Other devices that change them at the same moment are let by, this often. */
const MOST_TRIES = 5

/** What may reach the person, by type and channel, and the quiet hours. @throws RequestError */
export function readPreferences(tally: Caller): Promise<Preferences> {
  return nativeCall<V1['readPreferences']>(tally, { method: 'GET', path: '/v1/preferences' }, {})
}

/**
 * Changes what may reach the person. Where another device changed it meanwhile, the change is made once more, on top of
 * what is there then: no device undoes what another one chose.
 *
 * @param change what becomes of the present choices.
 * @returns what holds from now on.
 * @throws RequestError `invalid_request`, …
 */
export async function changePreferences(
  tally: Caller,
  known: Preferences,
  change: (present: Preferences) => PreferenceChoices,
): Promise<Preferences> {
  let present = known
  for (let tries = 1; ; tries++) {
    const { messages, notifications, types, quietHours } = change(present)
    try {
      return await nativeCall<V1['putPreferences']>(
        tally,
        { method: 'PUT', path: '/v1/preferences' },
        { body: { messages, notifications, types, quietHours, rev: present.rev } },
      )
    } catch (error) {
      const isOvertaken = error instanceof RequestError && error.code === 'preferences_conflict'
      if (!isOvertaken || tries === MOST_TRIES) throw error
      present = await readPreferences(tally)
    }
  }
}
