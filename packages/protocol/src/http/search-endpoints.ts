import { FoundPage, SearchQuery } from '../search.ts'
import type { Endpoint } from './endpoint.ts'

/** Finding again what was said. */
export const searchEndpoints = {
  search: {
    method: 'GET',
    path: '/v1/search',
    auth: 'user',
    tag: 'search',
    summary:
      "Messages, rooms or people with all of these words, or parts of words, in the caller's rooms. Newest first.",
    query: SearchQuery,
    response: FoundPage,
  },
} as const satisfies Record<string, Endpoint>
