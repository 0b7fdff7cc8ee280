import { type IsoTime, RequestError, type RoomId, type UserId } from '@tally/protocol'
import { applicationIdOf } from '../core/room-keys.ts'
import { type MemberOfRoom, readMembersOfRooms } from '../store/read-members.ts'
import {
  type ApplicationSide,
  type RoomRecord,
  readApplicationRoomOf,
  readApplicationRooms,
  readRoomsOf,
} from '../store/read-rooms.ts'
import type { ActionContext, Caller } from './context.ts'
import { readyView } from './ready-view.ts'
import { type ShownRooms, shownRooms } from './room-view.ts'

/** One of the two people of a room. The name is null when the account is gone or never had one. */
export type ApplicationPerson = { userId: UserId; name: string | null; left: boolean }

/**
 * A room in the words of the marketplace: a job seeker (`user`) and a company talk about an application. Of another
 * room whoever asks is on the side of their own kind of account, and everybody else on the other; it has no
 * application. Groups are in no list of these, but answer with what they have when one is asked for by its id.
 */
export type ApplicationRoom = {
  roomId: RoomId
  applicationId: string | null
  jobPostingId: string | null
  jobTitle: string | null
  user: ApplicationPerson
  company: ApplicationPerson
  lastMessage: string | null
  lastMessageAt: IsoTime | null
  /** As shown to the one who asks. */
  unread: number
  /** One of the two left the room or deleted the account. */
  hasWithdrawnUser: boolean
}

/** The `user_type` of an account on the company's side; every other is on the job seeker's. */
const COMPANY = 'company'

/** The installed apps page nothing: one list is all they show. What has something unread is in it before what has not. */
const MAX_ROOMS = 1_000

/**
 * The caller's rooms of two on one side of the marketplace, the one with the newest message first. Both sides together
 * have every direct room once, so that with the groups they add up to the badge.
 * @throws RequestError `storage_unavailable`.
 */
export async function listApplicationRooms(
  ctx: ActionContext,
  caller: Caller,
  { side }: { side: ApplicationSide },
): Promise<ApplicationRoom[]> {
  const { userId } = caller
  const records = await readApplicationRooms(ctx.db, { userId, side, limit: MAX_ROOMS })
  return applicationRooms(ctx, caller, records)
}

/**
 * One room, in the marketplace's words.
 * @throws RequestError `room_not_found` for a stranger as for a room that does not exist, `storage_unavailable`.
 */
export async function getApplicationRoom(
  ctx: ActionContext,
  caller: Caller,
  { roomId }: { roomId: RoomId },
): Promise<ApplicationRoom> {
  const records = await readRoomsOf(ctx.db, { userId: caller.userId, roomIds: [roomId] })
  const [room] = await applicationRooms(ctx, caller, records)
  if (room === undefined) throw new RequestError('room_not_found')
  return room
}

/**
 * The room of these two, the one with the newest message when they have several; `null` when they have none.
 * @throws RequestError `forbidden` when the caller is neither of them, `storage_unavailable`.
 */
export async function findApplicationRoom(
  ctx: ActionContext,
  caller: Caller,
  { userId, companyId }: { userId: UserId; companyId: UserId },
): Promise<Pick<ApplicationRoom, 'roomId' | 'applicationId' | 'jobPostingId'> | null> {
  if (caller.userId !== userId && caller.userId !== companyId) throw new RequestError('forbidden')
  const record = await readApplicationRoomOf(ctx.db, { readerId: caller.userId, userId, companyId })
  if (record === undefined) return null
  const { applicationId, jobPostingId } = applicationOf(record)
  return { roomId: record.id, applicationId, jobPostingId }
}

async function applicationRooms(
  ctx: ActionContext,
  { userId }: Caller,
  records: readonly RoomRecord[],
): Promise<ApplicationRoom[]> {
  if (records.length === 0) return []
  const roomIds = records.map(({ id }) => id)
  const members = await readMembersOfRooms(ctx.db, { roomIds, limit: ctx.limits.membersShown })
  const shown = shownRooms((await readyView(ctx, { userId, rooms: roomIds })).rooms)
  return records.map((record) => {
    const sides = sidesOf(record, members.get(record.id)?.members ?? [], userId)
    return applicationRoom(record, sides, shown)
  })
}

type Sides = { user: ApplicationPerson; company: ApplicationPerson }

function applicationRoom(record: RoomRecord, { user, company }: Sides, shown: ShownRooms): ApplicationRoom {
  const { applicationId, jobPostingId, jobTitle } = applicationOf(record)
  return {
    roomId: record.id,
    applicationId,
    jobPostingId,
    jobTitle,
    user,
    company,
    lastMessage: record.lastMessage?.text ?? null,
    lastMessageAt: record.lastMessage?.createdAt ?? null,
    unread: shown.get(record.id)?.shown ?? 0,
    hasWithdrawnUser: user.left || company.left,
  }
}

/** Who is who: as the application says, and where there is none, as the kind of the asker's account does. */
function sidesOf(record: RoomRecord, members: readonly MemberOfRoom[], askerId: UserId): Sides {
  const { userId, companyId } = applicationOf(record)
  const byId = (id: string | null) => members.find((member) => member.userId === id)
  const [user, company] = [byId(userId), byId(companyId)]
  if (user !== undefined && company !== undefined) return { user: personOf(user), company: personOf(company) }
  const own = byId(askerId) ?? members[0]
  if (own === undefined) throw new Error(`room ${record.id} has no members`)
  const other = members.find((member) => member !== own) ?? own
  return own.userType === COMPANY
    ? { user: personOf(other), company: personOf(own) }
    : { user: personOf(own), company: personOf(other) }
}

function personOf({ userId, name, left }: MemberOfRoom): ApplicationPerson {
  return { userId, name, left }
}

/** What the room's metadata says; the host may have put anything there, and into other rooms so may people. */
function applicationOf({ key, metadata }: RoomRecord) {
  const applicationId = applicationIdOf(key)
  const named = (field: string) => (applicationId === null ? null : textOf(metadata[field]))
  return {
    applicationId,
    jobPostingId: named('jobPostingId'),
    jobTitle: textOf(metadata['jobTitle']),
    userId: named('userId'),
    companyId: named('companyId'),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
