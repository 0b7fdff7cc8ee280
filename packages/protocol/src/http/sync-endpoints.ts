import { Badge } from '../badge.ts'
import { ExplainQuery, Explanation } from '../explain.ts'
import { MarkDeliveredPayload } from '../socket/room-events.ts'
import { SyncAnswer, SyncQuery } from '../sync.ts'
import { Done } from './common.ts'
import type { Endpoint } from './endpoint.ts'

/** The badge, and what changed. */
export const syncEndpoints = {
  sync: {
    method: 'GET',
    path: '/v1/sync',
    auth: 'user',
    tag: 'sync',
    summary: 'What changed since a rev: badge, rooms, and messages of the rooms named. 304 if nothing moved.',
    query: SyncQuery,
    response: SyncAnswer,
  },
  readBadge: {
    method: 'GET',
    path: '/v1/badge',
    auth: 'user',
    tag: 'badge',
    summary: 'The badge.',
    response: Badge,
  },
  explainBadge: {
    method: 'GET',
    path: '/v1/badge/explain',
    auth: 'user_or_server',
    tag: 'badge',
    summary: 'Why the badge is what it is, room by room, audited against a recount.',
    query: ExplainQuery,
    response: Explanation,
  },
  markDelivered: {
    method: 'POST',
    path: '/v1/delivered',
    auth: 'user',
    tag: 'reading',
    summary: 'Say up to where this device has the messages of some rooms, for those who sent them.',
    body: MarkDeliveredPayload,
    response: Done,
  },
  markAllRead: {
    method: 'POST',
    path: '/v1/read-all',
    auth: 'user',
    tag: 'badge',
    summary: 'Read every room up to where it stands now; what arrives meanwhile stays unread.',
    response: Done,
  },
} as const satisfies Record<string, Endpoint>
