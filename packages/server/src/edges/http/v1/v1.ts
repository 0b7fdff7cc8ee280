import type { ActionContext } from '../../../actions/context.ts'
import type { HttpApp } from '../endpoint-route.ts'
import { serveAttachments } from './attachments.ts'
import { serveMembers } from './members.ts'
import { serveMessages } from './messages.ts'
import { serveNotifications } from './notifications.ts'
import { serveReports } from './reports.ts'
import { serveRooms } from './rooms.ts'
import { serveSearch } from './search.ts'
import { serveSync } from './sync.ts'
import { serveUsers } from './users.ts'

/** The native HTTP API: protocol, part 4. */
export async function serveV1(app: HttpApp, ctx: ActionContext): Promise<void> {
  serveSync(app, ctx)
  serveRooms(app, ctx)
  serveMembers(app, ctx)
  serveMessages(app, ctx)
  serveNotifications(app, ctx)
  serveUsers(app, ctx)
  serveSearch(app, ctx)
  serveReports(app, ctx)
  await serveAttachments(app, ctx)
}
