import { v1 } from '@tally/protocol'
import type { ActionContext } from '../../actions/context.ts'
import type { DevelopmentLogin } from '../development-login.ts'
import { type HttpApp, serve } from './endpoint-route.ts'

/** Become anybody. Registered only where the configuration allows it; elsewhere these addresses do not exist. */
export function serveDevelopment(app: HttpApp, ctx: ActionContext, login: DevelopmentLogin): void {
  serve(app, v1.devLogin, async ({ body }) => {
    return { token: await login.issue(body), user: await upsertUser(ctx, body) }
  })
  serve(app, v1.devPeople, async () => ({ items: await listPeople(ctx) }))
}
