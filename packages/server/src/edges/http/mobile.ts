import {
  type CompanyRoomRow,
  ExternalId,
  mobileEndpoints,
  RequestError,
  type UserRoomRow,
} from '@tally/protocol'
import {
  type ApplicationPerson,
  type ApplicationRoom,
  findApplicationRoom,
  getApplicationRoom,
  listApplicationRooms,
} from '../../actions/application-rooms.ts'
import type { ActionContext } from '../../actions/context.ts'
import { createApplicationRoom } from '../../actions/create-application-room.ts'
import { listMessagesBefore } from '../../actions/list-messages-before.ts'
import { markRead } from '../../actions/mark-read.ts'
import { readBadge } from '../../actions/read-badge.ts'
import { wireMessage } from '../socket/wire-shapes.ts'
import { type HttpApp, serve } from './endpoint-route.ts'
import { WITHDRAWN_NAME } from './installed-apps.ts'

const RETRY_AFTER_MS = 1_000

/** The mobile app as it is installed. (docs/PROTOCOL.md, "HTTP for installed mobile apps".) */
export function serveMobileApp(app: HttpApp, ctx: ActionContext): void {
  serveRooms(app, ctx)
  serveReading(app, ctx)
}

function serveRooms(app: HttpApp, ctx: ActionContext): void {
  serve(app, mobileEndpoints.createRoom, async ({ caller, body }) => {
    const { roomId } = await createApplicationRoom(ctx, caller, {
      applicationId: body.application_id,
      userId: body.user_id,
      companyId: body.company_id,
      jobPostingId: body.job_posting_id,
    })
    return success({ id: roomId })
  })
  serve(app, mobileEndpoints.findExistingRoom, async ({ caller, query }) => {
    const room = await findApplicationRoom(ctx, caller, {
      userId: query.user_id,
      companyId: query.company_id,
    })
    if (room === null) return success(null)
    const { roomId, applicationId, jobPostingId } = room
    return success({
      roomId,
      applicationId: externalId(applicationId),
      jobPostingId: externalId(jobPostingId),
    })
  })
  serve(app, mobileEndpoints.listUserRooms, async ({ caller }) => {
    const rooms = await listApplicationRooms(ctx, caller, { side: 'user' })
    return success(rooms.map(userRoomRow))
  })
  serve(app, mobileEndpoints.listCompanyRooms, async ({ caller }) => {
    const rooms = await listApplicationRooms(ctx, caller, { side: 'company' })
    return success(rooms.map(companyRoomRow))
  })
  serve(app, mobileEndpoints.readRoom, async ({ caller, params }) => {
    const room = await getApplicationRoom(ctx, caller, params)
    const { user, company } = room
    const { id, user_id, company_id, job_posting_id, job_postings } = commonRow(room)
    const data = {
      id,
      user_id,
      company_id,
      job_posting_id,
      user: named(user),
      company: named(company),
      job_postings,
    }
    return { ...success(data), ...(room.hasWithdrawnUser ? { hasWithdrawnUser: true as const } : {}) }
  })
}

function serveReading(app: HttpApp, ctx: ActionContext): void {
  serve(app, mobileEndpoints.listMessages, async ({ caller, params, query }) => {
    const { messages, hasMore, nextCursor } = await listMessagesBefore(ctx, caller, { ...params, ...query })
    return success({
      messages: messages.map(({ message, isRead }) => ({
        ...wireMessage(message, caller.userId),
        is_read: isRead,
      })),
      pagination: { limit: query.limit, hasMore, nextCursor },
    })
  })
  serve(app, mobileEndpoints.markRead, async ({ caller, params }) => {
    await markRead(ctx, caller, params)
    const message = 'Messages marked as read'
    return { ...success({ message }), message }
  })
  serve(app, mobileEndpoints.readUnreadCount, async ({ caller }) => {
    const { total } = await readBadge(ctx, caller)
    // The app would show a guess as the truth; refused, it keeps what it has.
    if (total === null) throw new RequestError('unavailable', { retryAfterMs: RETRY_AFTER_MS })
    return success({ totalUnreadCount: total })
  })
}

function success<T>(data: T) {
  return { success: true as const, data }
}

function userRoomRow(room: ApplicationRoom): UserRoomRow {
  return { ...commonRow(room), user_unread_count: room.unread, company: named(room.company) }
}

function companyRoomRow(room: ApplicationRoom): CompanyRoomRow {
  return { ...commonRow(room), company_unread_count: room.unread, user: named(room.user) }
}

function commonRow({
  roomId,
  applicationId,
  jobPostingId,
  jobTitle,
  user,
  company,
  ...room
}: ApplicationRoom) {
  return {
    id: roomId,
    application_id: externalId(applicationId),
    job_posting_id: externalId(jobPostingId),
    user_id: user.userId,
    company_id: company.userId,
    last_message: room.lastMessage,
    last_message_at: room.lastMessageAt,
    job_postings: jobTitle === null ? null : { title: jobTitle },
  }
}

// The host may have put anything into the room's metadata.
function externalId(value: string | null): string | null {
  return ExternalId.safeParse(value).data ?? null
}

function named({ userId, name, left }: ApplicationPerson): { name: string } {
  return { name: left ? WITHDRAWN_NAME : (name ?? userId) }
}
