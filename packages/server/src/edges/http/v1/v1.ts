import type { ActionContext } from '../../../actions/context.ts'
import type { HttpApp } from '../endpoint-route.ts'
import { serveAttachments } from './attachments.ts'
import { serveDevices } from './devices.ts'
import { serveMembers } from './members.ts'
import { serveMessages } from './messages.ts'
import { serveNotifications } from './notifications.ts'
import { servePreferences } from './preferences.ts'
import { serveReports } from './reports.ts'
import { serveRooms } from './rooms.ts'
import { serveSearch } from './search.ts'
import { serveSync } from './sync.ts'
import { serveUsers } from './users.ts'

/** The native HTTP API. (docs/PROTOCOL.md, "The native API".) */
export async function serveV1(app: HttpApp, ctx: ActionContext): Promise<void> {
  serveSync(app, ctx)
  serveRooms(app, ctx)
  serveMembers(app, ctx)
  serveMessages(app, ctx)
  serveNotifications(app, ctx)
  servePreferences(app, ctx)
  serveDevices(app, ctx)
  serveUsers(app, ctx)
  serveSearch(app, ctx)
  serveReports(app, ctx)
  await serveAttachments(app, ctx)
}
