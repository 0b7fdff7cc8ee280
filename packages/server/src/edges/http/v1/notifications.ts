import { v1 } from '@tally/protocol'
import { archiveNotifications } from '../../../actions/archive-notifications.ts'
import type { ActionContext } from '../../../actions/context.ts'
import { createNotification } from '../../../actions/create-notification.ts'
import { listNotifications } from '../../../actions/list-notifications.ts'
import { readNotifications } from '../../../actions/read-notifications.ts'
import { seeNotifications } from '../../../actions/see-notifications.ts'
import { type HttpApp, serve } from '../endpoint-route.ts'

export function serveNotifications(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.listNotifications, async ({ caller, query }) => listNotifications(ctx, caller, query))
  serve(app, v1.readNotifications, async ({ caller, body }) => readNotifications(ctx, caller, body))
  serve(app, v1.seeNotifications, async ({ caller, body }) => seeNotifications(ctx, caller, body))
  serve(app, v1.archiveNotifications, async ({ caller, body }) => archiveNotifications(ctx, caller, body))
  serve(app, v1.createNotification, async ({ body }) => createNotification(ctx, body))
}
