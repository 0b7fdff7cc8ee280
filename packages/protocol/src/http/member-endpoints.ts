import { AddMembersBody, Member } from '../member.ts'
import { listOf, PageQuery } from '../page.ts'
import { Done, MemberParams, RoomParams } from './common.ts'
import type { Endpoint } from './endpoint.ts'

/** Who is in a room. */
export const memberEndpoints = {
  listMembers: {
    method: 'GET',
    path: '/v1/rooms/:roomId/members',
    auth: 'user_or_server',
    tag: 'members',
    summary: 'Who is in the room, and who was.',
    params: RoomParams,
    query: PageQuery,
    response: listOf(Member),
  },
  addMembers: {
    method: 'POST',
    path: '/v1/rooms/:roomId/members',
    auth: 'user_or_server',
    tag: 'members',
    summary: 'Add people to a group; needs the role owner or admin, or a server key.',
    params: RoomParams,
    body: AddMembersBody,
    response: Done,
  },
  removeMember: {
    method: 'DELETE',
    path: '/v1/rooms/:roomId/members/:userId',
    auth: 'user_or_server',
    tag: 'members',
    summary: 'Leave (`me`), or remove somebody; the latter needs the role owner or admin, or a server key.',
    params: MemberParams,
    response: Done,
  },
} as const satisfies Record<string, Endpoint>
