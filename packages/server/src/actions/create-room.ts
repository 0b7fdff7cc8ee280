import {
  type HostRoom,
  type JoinHistory,
  RequestError,
  type Room,
  type RoomId,
  type RoomKind,
  type RoomMetadata,
  type UserId,
} from '@tally/protocol'
import type { Role } from '../core/committed.ts'
import { isPairKey, isReservedKey, pairKey } from '../core/room-keys.ts'
import { createRoom as writeRoom } from '../store/create-room.ts'
import { ensureUsers } from '../store/ensure-users.ts'
import type { ActionContext, Caller } from './context.ts'
import { deliver } from './deliver.ts'
import { getHostRoom } from './get-host-room.ts'
import { getRoom } from './get-room.ts'
import { mayInvite, mayMeet } from './invitations.ts'
import { meet } from './meet.ts'
import { rejoin } from './rejoin.ts'

export type CreateRoom = {
  kind: RoomKind
  /** Who is in it beside the caller; from the host's backend, everybody. */
  memberIds: readonly UserId[]
  /** The same key gives the same room. Without one, two people have one direct room. */
  key?: string | undefined
  title?: string | undefined
  metadata?: RoomMetadata | undefined
  history: JoinHistory
}

/**
 * Makes a room, or gives the one that already has its key, which is for those who are or were in it only. Whoever left
 * a direct room and creates it again is back in it; the other one is not brought back by it. People nobody has heard of
 * are made known when the host names them; a person can name those only who are known.
 *
 * @param caller who becomes the owner of a group, or `null` for the host's backend: the first member does then.
 * @returns the room as the caller sees it.
 * @throws RequestError `invalid_request`, `user_not_found` (a deleted account too), `blocked` for a new direct room with
 * somebody who blocked the caller or is blocked, and a new group with somebody who blocked the caller, `rate_limited`, `room_key_conflict`, `limit_exceeded`, `storage_unavailable`.
 */
export async function createRoom(
  ctx: ActionContext,
  caller: Caller | null,
  input: CreateRoom,
): Promise<Room | HostRoom> {
  const { kind, title, metadata = {}, history } = input
  const people = [...new Set(caller === null ? input.memberIds : [caller.userId, ...input.memberIds])]
  const [first, second] = people
  if (first === undefined || (kind === 'direct' && people.length !== 2)) {
    throw new RequestError('invalid_request', { message: 'A direct room has exactly two people.' })
  }
  const key = keyOf(caller, input, people)
  if (caller === null) await ensureUsers(ctx.db, people)
  else if (kind === 'group') await mayInvite(ctx, caller, { key, userIds: people.slice(1) })
  else if (key !== undefined && second !== undefined)
    await mayMeet(ctx, caller, { key, userId: first, otherId: second })
  const { roomId, created, ...committed } = await ctx.ownChanges(caller?.userId ?? first, () =>
    writeRoom(ctx.db, {
      id: ctx.newId() as RoomId,
      kind,
      ...(key === undefined ? {} : { key }),
      ...(title === undefined ? {} : { title }),
      metadata,
      history,
      creatorId: caller?.userId ?? null,
      members: people.map((userId, index) => ({ userId, role: roleOf(kind, index) })),
      limits: ctx.limits,
    }),
  )
  await deliver(ctx, { committed })
  await meet(ctx, committed)
  if (!created && kind === 'direct' && caller !== null) await rejoin(ctx, { userId: caller.userId, roomId })

  const room = caller === null ? await getHostRoom(ctx, { roomId }) : await getRoom(ctx, caller, { roomId })
  if (room.kind !== kind) throw new RequestError('room_key_conflict')
  return room
}

/** Neither of two people owns what they share. A group is owned by who made it. */
function roleOf(kind: RoomKind, index: number): Role {
  return kind === 'group' && index === 0 ? 'owner' : 'member'
}

function keyOf(
  caller: Caller | null,
  { kind, key }: CreateRoom,
  people: readonly UserId[],
): string | undefined {
  const [one, other] = people
  if (key === undefined) {
    return kind === 'direct' && one !== undefined && other !== undefined ? pairKey(one, other) : undefined
  }
  // The host may name the room of an application itself; a person could only take the place of somebody else's.
  const reserved = caller === null ? isPairKey(key) : isReservedKey(key)
  if (reserved)
    throw new RequestError('invalid_request', {
      message: 'Keys that begin like this are given out by the server.',
    })
  return key
}
