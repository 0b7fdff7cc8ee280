import { RequestError, v1 } from '@tally/protocol'
import { addMembers } from '../../../actions/add-members.ts'
import type { ActionContext } from '../../../actions/context.ts'
import { listMembers } from '../../../actions/list-members.ts'
import { removeMember } from '../../../actions/remove-member.ts'
import { DONE, type HttpApp, personOrServer, serve } from '../endpoint-route.ts'

export function serveMembers(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.listMembers, async ({ caller, params, query }) => {
    return listMembers(ctx, personOrServer(caller), { ...params, ...query })
  })
  serve(app, v1.addMembers, async ({ caller, params, body }) => {
    await addMembers(ctx, personOrServer(caller), { ...params, ...body })
    return DONE
  })
  serve(app, v1.removeMember, async ({ caller, params: { roomId, userId } }) => {
    if (userId !== 'me') await removeMember(ctx, personOrServer(caller), { roomId, userId })
    else if (caller.kind === 'user') await removeMember(ctx, caller, { roomId, userId: caller.userId })
    else throw new RequestError('invalid_request', { message: 'A server key is nobody: name the member.' })
    return DONE
  })
}
