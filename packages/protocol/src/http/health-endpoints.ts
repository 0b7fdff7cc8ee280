import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'

/** Whether a node should get traffic, and if not, what is missing. Answered with 503 when it should not. */
export const Readiness = z.object({
  status: z.enum(['ready', 'starting', 'draining', 'unavailable']),
  database: z.enum(['up', 'down']),
})
export type Readiness = z.infer<typeof Readiness>

/** For people and for the dashboards of hosts: readiness, and what is running. */
export const Health = z.object({
  ...Readiness.shape,
  version: z.string(),
  protocolVersion: z.number(),
  uptimeSeconds: z.number(),
})
export type Health = z.infer<typeof Health>

/** For load balancers and people. */
export const healthEndpoints = {
  live: {
    method: 'GET',
    path: '/health/live',
    auth: 'none',
    tag: 'health',
    summary: 'The process answers.',
    response: z.object({ status: z.literal('live') }),
  },
  ready: {
    method: 'GET',
    path: '/health/ready',
    auth: 'none',
    tag: 'health',
    summary: 'The node can take traffic; 503 otherwise.',
    response: Readiness,
  },
  health: {
    method: 'GET',
    path: '/api/health',
    auth: 'none',
    tag: 'health',
    summary: 'Readiness and versions; 503 when not ready.',
    response: Health,
  },
} as const satisfies Record<string, Endpoint>
