import { Readable } from 'node:stream'
import { type UserId, v1 } from '@tally/protocol'
import type { FastifyReply } from 'fastify'
import { blockUser } from '../../../actions/block-user.ts'
import type { ActionContext } from '../../../actions/context.ts'
import { deleteUser } from '../../../actions/delete-user.ts'
import { exportUser } from '../../../actions/export-user.ts'
import { listBlocks } from '../../../actions/list-blocks.ts'
import { revokeSessions } from '../../../actions/revoke-sessions.ts'
import { unblockUser } from '../../../actions/unblock-user.ts'
import { upsertUser } from '../../../actions/upsert-user.ts'
import { DONE, type HttpApp, serve } from '../endpoint-route.ts'

/** People who said much have much to read. */
const EXPORT_TIMEOUT_MS = 10 * 60_000

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
  serve(app, v1.deleteMe, async ({ caller: { userId } }) => {
    await deleteUser(ctx, { userId })
    return DONE
  })
  const sendExport = async (reply: FastifyReply, person: { userId: UserId }) => {
    const document = await exportUser(ctx, person)
    return reply
      .type('application/json; charset=utf-8')
      .header('content-disposition', 'attachment; filename="tally-export.json"')
      .send(Readable.from(document))
  }
  const exporting = { handlerTimeoutMs: EXPORT_TIMEOUT_MS }
  serve(app, v1.exportMe, async ({ caller, reply }) => sendExport(reply, caller), exporting)
  serve(app, v1.exportUser, async ({ params, reply }) => sendExport(reply, params), exporting)
  serve(app, v1.revokeSessions, async ({ body }) => {
    await revokeSessions(ctx, body)
    return DONE
  })
}
