import { v1 } from '@tally/protocol'
import type { ActionContext } from '../../actions/context.ts'
import { listPeople } from '../../actions/list-people.ts'
import type { DevelopmentLogin } from '../development-login.ts'
import type { Identity } from '../identity.ts'
import { type HttpApp, serve } from './endpoint-route.ts'

/** Become anybody. Served only where the configuration allows it; elsewhere these addresses do not exist. */
export function serveDevelopment(
  app: HttpApp,
  { ctx, identity, login }: { ctx: ActionContext; identity: Identity; login: DevelopmentLogin },
): void {
  serve(app, v1.devLogin, async ({ body }) => {
    const token = await login.issue(body)
    const { user } = await identity.authenticate(token)
    return { token, user }
  })
  serve(app, v1.devPeople, async () => ({ items: await listPeople(ctx) }))
}
