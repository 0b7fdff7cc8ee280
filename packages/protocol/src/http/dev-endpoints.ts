import { z } from 'zod'
import { DevLoginAnswer, DevLoginBody } from '../identity.ts'
import { User } from '../user.ts'
import type { Endpoint } from './endpoint.ts'

/** There only in development: where `JWT_SECRET` is set or `NODE_ENV` is `production`, these are 404. */
export const devEndpoints = {
  devLogin: {
    method: 'POST',
    path: '/dev/login',
    auth: 'none',
    tag: 'development',
    summary: 'Become anybody.',
    body: DevLoginBody,
    response: DevLoginAnswer,
  },
  devPeople: {
    method: 'GET',
    path: '/dev/people',
    auth: 'none',
    tag: 'development',
    summary: 'Demo people to continue as.',
    response: z.object({ items: z.array(User) }),
  },
} as const satisfies Record<string, Endpoint>
