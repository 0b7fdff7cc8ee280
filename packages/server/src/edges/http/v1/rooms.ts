import { type RoomAnswer, type RoomId, v1 } from '@tally/protocol'
import { archiveRoom } from '../../../actions/archive-room.ts'
import type { ActionContext } from '../../../actions/context.ts'
import { createRoom } from '../../../actions/create-room.ts'
import { deleteRoom } from '../../../actions/delete-room.ts'
import { getHostRoom } from '../../../actions/get-host-room.ts'
import { getRoom } from '../../../actions/get-room.ts'
import { listRooms } from '../../../actions/list-rooms.ts'
import { markRead } from '../../../actions/mark-read.ts'
import { markUnread } from '../../../actions/mark-unread.ts'
import { muteRoom } from '../../../actions/mute-room.ts'
import { setTyping } from '../../../actions/set-typing.ts'
import { updateRoom } from '../../../actions/update-room.ts'
import { DONE, type HttpApp, type HttpCaller, personOrServer, serve } from '../endpoint-route.ts'

export function serveRooms(app: HttpApp, ctx: ActionContext): void {
  serve(app, v1.listRooms, async ({ caller, query }) => listRooms(ctx, caller, query))
  serve(app, v1.createRoom, async ({ caller, body }) => createRoom(ctx, personOrServer(caller), body))
  serve(app, v1.readRoom, async ({ caller, params }) => roomFor(ctx, caller, params))
  serve(app, v1.updateRoom, async ({ caller, params, body }) => {
    await updateRoom(ctx, personOrServer(caller), { ...params, ...body })
    return roomFor(ctx, caller, params)
  })
  serve(app, v1.deleteRoom, async ({ caller, params }) => {
    await deleteRoom(ctx, personOrServer(caller), params)
    return DONE
  })
  serve(app, v1.markRead, async ({ caller, params, body }) => {
    return markRead(ctx, caller, { ...params, ...body })
  })
  serve(app, v1.markUnread, async ({ caller, params, body }) => {
    return markUnread(ctx, caller, { ...params, ...body })
  })
  serve(app, v1.muteRoom, async ({ caller, params, body }) => {
    await muteRoom(ctx, caller, { ...params, ...body })
    return DONE
  })
  serve(app, v1.archiveRoom, async ({ caller, params, body }) => {
    await archiveRoom(ctx, caller, { ...params, ...body })
    return DONE
  })
  serve(app, v1.typing, async ({ caller, params, body }) => {
    await setTyping(ctx, caller, { ...params, ...body })
    return DONE
  })
}

function roomFor(ctx: ActionContext, caller: HttpCaller, room: { roomId: RoomId }): Promise<RoomAnswer> {
  return caller.kind === 'user' ? getRoom(ctx, caller, room) : getHostRoom(ctx, room)
}
