import { attachmentEndpoints } from './attachment-endpoints.ts'
import { devEndpoints } from './dev-endpoints.ts'
import { deviceEndpoints } from './device-endpoints.ts'
import { healthEndpoints } from './health-endpoints.ts'
import { memberEndpoints } from './member-endpoints.ts'
import { messageEndpoints } from './message-endpoints.ts'
import { notificationEndpoints } from './notification-endpoints.ts'
import { preferenceEndpoints } from './preference-endpoints.ts'
import { reportEndpoints } from './report-endpoints.ts'
import { roomEndpoints } from './room-endpoints.ts'
import { searchEndpoints } from './search-endpoints.ts'
import { syncEndpoints } from './sync-endpoints.ts'
import { userEndpoints } from './user-endpoints.ts'

/** The native HTTP API, every request by the name of what it does. */
export const v1 = {
  ...syncEndpoints,
  ...roomEndpoints,
  ...memberEndpoints,
  ...messageEndpoints,
  ...notificationEndpoints,
  ...preferenceEndpoints,
  ...deviceEndpoints,
  ...userEndpoints,
  ...searchEndpoints,
  ...attachmentEndpoints,
  ...reportEndpoints,
  ...healthEndpoints,
  ...devEndpoints,
} as const
