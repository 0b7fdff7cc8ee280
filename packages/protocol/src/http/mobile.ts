import { z } from 'zod'
import { Count, ExternalId, IsoTime, RoomId, UserId } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { queryInt } from '../page.ts'
import { WireMessage } from '../socket/wire-message.ts'
import { RoomParams } from './common.ts'
import type { Endpoint } from './endpoint.ts'

// The mobile app as it is installed. Names, shapes and casing are fixed; fields may be added.

/** Every refusal of these endpoints, with the right HTTP status. `errorType` is an `ErrorCode`. */
export const MobileError = z.object({
  success: z.literal(false),
  error: z.string(),
  errorType: z.string().optional(),
})
export type MobileError = z.infer<typeof MobileError>

function success<S extends z.ZodType>(data: S) {
  return z.object({ success: z.literal(true), data })
}

const Named = z.object({ name: z.string() })
const Posting = z.object({ title: z.string().nullable() }).nullable()

/** The two people of an application; the caller must be one of them. */
export const CreateApplicationRoomBody = z.object({
  application_id: ExternalId,
  user_id: UserId,
  company_id: UserId,
  job_posting_id: ExternalId.nullish(),
})
export type CreateApplicationRoomBody = z.infer<typeof CreateApplicationRoomBody>

const roomRow = {
  id: RoomId,
  application_id: ExternalId.nullable(),
  job_posting_id: ExternalId.nullable(),
  user_id: UserId,
  company_id: UserId,
  last_message: z.string().nullable(),
  last_message_at: IsoTime.nullable(),
  job_postings: Posting,
}

/** A room in the list of a job seeker. */
export const UserRoomRow = z.object({ ...roomRow, user_unread_count: Count, company: Named })
export type UserRoomRow = z.infer<typeof UserRoomRow>

/** A room in the list of a company. */
export const CompanyRoomRow = z.object({ ...roomRow, company_unread_count: Count, user: Named })
export type CompanyRoomRow = z.infer<typeof CompanyRoomRow>

/** The two people of a room. Names of accounts that are gone are the server's word for that, never null. */
export const RoomDetail = z.object({
  id: RoomId,
  user_id: UserId,
  company_id: UserId,
  job_posting_id: ExternalId.nullable(),
  user: Named,
  company: Named,
  job_postings: Posting,
})
export type RoomDetail = z.infer<typeof RoomDetail>

// An installed app cannot be taught a smaller page: what it asks too much is cut, and `pagination.limit` says so.
const limit = queryInt(z.int().min(0))
  .transform((asked) => Math.min(Math.max(asked, 1), LIMITS.pageMax))
  .default(LIMITS.pageDefault)

/** A page of history: what came before a time. */
export const HistoryQuery = z.object({
  limit,
  before: z.union([z.literal('').transform(() => undefined), IsoTime]).optional(),
})
export type HistoryQuery = z.infer<typeof HistoryQuery>

/** Messages, newest first; `nextCursor` is the next `before`. */
export const HistoryPage = z.object({
  messages: z.array(WireMessage),
  pagination: z.object({ limit: Count, hasMore: z.boolean(), nextCursor: IsoTime.nullable() }),
})
export type HistoryPage = z.infer<typeof HistoryPage>

/** The requests of the installed mobile app. */
export const mobileEndpoints = {
  createRoom: {
    method: 'POST',
    path: '/api/chat/create-room',
    auth: 'user',
    tag: 'mobile app',
    summary: 'The room of an application; the same application gives the same room.',
    body: CreateApplicationRoomBody,
    response: success(z.object({ id: RoomId })),
  },
  findExistingRoom: {
    method: 'GET',
    path: '/api/chat/find-existing-room',
    auth: 'user',
    tag: 'mobile app',
    summary: 'The room of these two people, or null.',
    query: z.object({ user_id: UserId, company_id: UserId }),
    response: success(
      z
        .object({
          roomId: RoomId,
          applicationId: ExternalId.nullable(),
          jobPostingId: ExternalId.nullable(),
        })
        .nullable(),
    ),
  },
  listUserRooms: {
    method: 'GET',
    path: '/api/chat/user/rooms',
    auth: 'user',
    tag: 'mobile app',
    summary: 'Rooms of a job seeker, newest first.',
    response: success(z.array(UserRoomRow)),
  },
  listCompanyRooms: {
    method: 'GET',
    path: '/api/chat/company/rooms',
    auth: 'user',
    tag: 'mobile app',
    summary: 'Rooms of a company, newest first.',
    response: success(z.array(CompanyRoomRow)),
  },
  readRoom: {
    method: 'GET',
    path: '/api/chat/room/:roomId',
    auth: 'user',
    tag: 'mobile app',
    summary: 'One room; `hasWithdrawnUser` beside the data when somebody left.',
    params: RoomParams,
    response: z.object({
      success: z.literal(true),
      data: RoomDetail,
      hasWithdrawnUser: z.literal(true).optional(),
    }),
  },
  listMessages: {
    method: 'GET',
    path: '/api/chat/room/:roomId/messages',
    auth: 'user',
    tag: 'mobile app',
    summary: 'History, newest first, by the time of the last one seen.',
    params: RoomParams,
    query: HistoryQuery,
    response: success(HistoryPage),
  },
  markRead: {
    method: 'PATCH',
    path: '/api/chat/room/:roomId/read',
    auth: 'user',
    tag: 'mobile app',
    summary: 'Read all of the room.',
    params: RoomParams,
    // Some versions look for the text beside the data, some in it.
    response: z.object({ ...success(z.object({ message: z.string() })).shape, message: z.string() }),
  },
  readUnreadCount: {
    method: 'GET',
    path: '/api/chat/unread-count',
    auth: 'user',
    tag: 'mobile app',
    summary: 'The total; 503 when it is not known.',
    response: success(z.object({ totalUnreadCount: Count })),
  },
} as const satisfies Record<string, Endpoint>
