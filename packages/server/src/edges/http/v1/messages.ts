import { v1 } from '@tally/protocol'
import type { ActionContext } from '../../../actions/context.ts'
import { deleteMessage } from '../../../actions/delete-message.ts'
import { editMessage } from '../../../actions/edit-message.ts'
import { getMessage } from '../../../actions/get-message.ts'
import { listMessages } from '../../../actions/list-messages.ts'
import { toMessage } from '../../../actions/message-view.ts'
import { react } from '../../../actions/react.ts'
import { sendMessage } from '../../../actions/send-message.ts'
import { sendSystemMessage } from '../../../actions/send-system-message.ts'
import { type HttpApp, personOrServer, serve } from '../endpoint-route.ts'

export function serveMessages(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.listMessages, async ({ caller, params, query }) => {
    return listMessages(ctx, caller, { ...params, ...query })
  })
  serve(app, v1.sendMessage, async ({ caller, params, body }) => {
    return toMessage(await sendMessage(ctx, caller, { ...params, ...body }), caller.userId)
  })
  serve(app, v1.readMessage, async ({ caller, params }) => getMessage(ctx, caller, params))
  serve(app, v1.editMessage, async ({ caller, params, body }) => {
    return toMessage(await editMessage(ctx, caller, { ...params, ...body }), caller.userId)
  })
  serve(app, v1.deleteMessage, async ({ caller, params }) => {
    const viewerId = caller.kind === 'user' ? caller.userId : null
    return toMessage(await deleteMessage(ctx, personOrServer(caller), params), viewerId)
  })
  serve(app, v1.react, async ({ caller, params, body }) => {
    return toMessage(await react(ctx, caller, { ...params, ...body }), caller.userId)
  })
  serve(app, v1.sendSystemMessage, async ({ params, body }) => {
    return toMessage(await sendSystemMessage(ctx, { ...params, ...body }), null)
  })
}
