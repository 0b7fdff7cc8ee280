import { v1 } from '@tally/protocol'
import { blockUser } from '../../../actions/block-user.ts'
import type { ActionContext } from '../../../actions/context.ts'
import { deleteUser } from '../../../actions/delete-user.ts'
import { listBlocks } from '../../../actions/list-blocks.ts'
import { revokeSessions } from '../../../actions/revoke-sessions.ts'
import { unblockUser } from '../../../actions/unblock-user.ts'
import { upsertUser } from '../../../actions/upsert-user.ts'
import { DONE, type HttpApp, serve } from '../endpoint-route.ts'

export function serveUsers(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.listBlocks, async ({ caller, query }) => listBlocks(ctx, caller, query))
  serve(app, v1.block, async ({ caller, body: { userId, blocked } }) => {
    await (blocked ? blockUser : unblockUser)(ctx, caller, { userId })
    return DONE
  })
  serve(app, v1.putUser, async ({ params, body }) => upsertUser(ctx, { ...params, ...body }))
  serve(app, v1.deleteUser, async ({ params }) => {
    await deleteUser(ctx, params)
    return DONE
  })
  serve(app, v1.revokeSessions, async ({ body }) => {
    await revokeSessions(ctx, body)
    return DONE
  })
}
