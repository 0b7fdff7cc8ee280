import { v1 } from '@tally/protocol'
import type { NodeHealth } from '../../ops/health.ts'
import { type HttpApp, serve } from './endpoint-route.ts'

// A probe that is refused takes a healthy node out of service.
const UNLIMITED = { unlimited: true, statuses: [503] }

/** Whether this node lives, and whether it should get traffic. */
export function serveHealth(app: HttpApp, health: NodeHealth): void {
  serve(app, v1.live, async () => ({ status: 'live' as const }), UNLIMITED)
  serve(
    app,
    v1.ready,
    async ({ reply }) => {
      const readiness = await health.readiness()
      reply.code(readiness.status === 'ready' ? 200 : 503)
      return readiness
    },
    UNLIMITED,
  )
  serve(
    app,
    v1.health,
    async ({ reply }) => {
      const report = await health.report()
      reply.code(report.status === 'ready' ? 200 : 503)
      return report
    },
    UNLIMITED,
  )
}
