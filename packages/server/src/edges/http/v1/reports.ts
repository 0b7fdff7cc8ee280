import { v1 } from '@tally/protocol'
import type { ActionContext } from '../../../actions/context.ts'
import { listReports, report, resolveReport } from '../../../actions/reports.ts'
import { DONE, type HttpApp, serve } from '../endpoint-route.ts'

export function serveReports(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.report, async ({ caller, body }) => {
    await report(ctx, caller, body)
    return DONE
  })
  serve(app, v1.listReports, async ({ query }) => listReports(ctx, query))
  serve(app, v1.resolveReport, async ({ params }) => {
    await resolveReport(ctx, params)
    return DONE
  })
}
