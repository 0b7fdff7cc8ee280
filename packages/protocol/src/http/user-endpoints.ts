import { z } from 'zod'
import { Block, BlockBody } from '../block.ts'
import { RevokeSessionsBody } from '../identity.ts'
import { listOf, PageQuery } from '../page.ts'
import { User, UserBody } from '../user.ts'
import { Done, UserParams } from './common.ts'
import type { Endpoint } from './endpoint.ts'

/** People, blocks and sessions. */
export const userEndpoints = {
  listBlocks: {
    method: 'GET',
    path: '/v1/blocks',
    auth: 'user',
    tag: 'users',
    summary: 'Whom the caller has blocked.',
    query: PageQuery,
    response: listOf(Block),
  },
  block: {
    method: 'PUT',
    path: '/v1/blocks',
    auth: 'user',
    tag: 'users',
    summary: 'Block or unblock somebody.',
    body: BlockBody,
    response: Done,
  },
  putUser: {
    method: 'PUT',
    path: '/v1/users/:userId',
    auth: 'server',
    tag: 'users',
    summary: 'Make a person known, or change name, image and type.',
    params: UserParams,
    body: UserBody,
    response: User,
  },
  deleteUser: {
    method: 'DELETE',
    path: '/v1/users/:userId',
    auth: 'server',
    tag: 'users',
    summary: 'Delete an account: its messages stay without a sender, its sessions end.',
    params: UserParams,
    response: Done,
  },
  exportMe: {
    method: 'GET',
    path: '/v1/users/me/export',
    auth: 'user',
    tag: 'users',
    summary: 'Everything there is of the caller, as one JSON document.',
    response: z.unknown(),
  },
  exportUser: {
    method: 'GET',
    path: '/v1/users/:userId/export',
    auth: 'server',
    tag: 'users',
    summary: 'Everything there is of a person, as one JSON document.',
    params: UserParams,
    response: z.unknown(),
  },
  deleteMe: {
    method: 'DELETE',
    path: '/v1/users/me',
    auth: 'user',
    tag: 'users',
    summary: "Delete the caller's own account: its messages stay without a sender, its sessions end.",
    response: Done,
  },
  revokeSessions: {
    method: 'POST',
    path: '/v1/sessions/revoke',
    auth: 'server',
    tag: 'users',
    summary: 'End all sessions of a person, at once.',
    body: RevokeSessionsBody,
    response: Done,
  },
} as const satisfies Record<string, Endpoint>
