import { v1 } from '@tally/protocol'
import type { ActionContext } from '../../../actions/context.ts'
import { search } from '../../../actions/search.ts'
import { type HttpApp, serve } from '../endpoint-route.ts'

export function serveSearch(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.search, async ({ caller, query }) => search(ctx, caller, query))
}
