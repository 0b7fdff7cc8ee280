import { v1 } from '@tally/protocol'
import type { ActionContext } from '../../../actions/context.ts'
import { putPreferences, readPreferences } from '../../../actions/preferences.ts'
import { type HttpApp, serve } from '../endpoint-route.ts'

export function servePreferences(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.readPreferences, async ({ caller }) => readPreferences(ctx, caller))
  serve(app, v1.putPreferences, async ({ caller, body }) => putPreferences(ctx, caller, body))
}
