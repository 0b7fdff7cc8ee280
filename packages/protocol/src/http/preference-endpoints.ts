import { Preferences, PreferencesBody } from '../preferences.ts'
import type { Endpoint } from './endpoint.ts'

/** What may reach a person, and when. */
export const preferenceEndpoints = {
  readPreferences: {
    method: 'GET',
    path: '/v1/preferences',
    auth: 'user',
    tag: 'notifications',
    summary: 'What may reach the caller, by type and channel, and the quiet hours.',
    response: Preferences,
  },
  putPreferences: {
    method: 'PUT',
    path: '/v1/preferences',
    auth: 'user',
    tag: 'notifications',
    summary: 'Change what may reach the caller; refused where another device has changed it meanwhile.',
    body: PreferencesBody,
    response: Preferences,
  },
} as const satisfies Record<string, Endpoint>
