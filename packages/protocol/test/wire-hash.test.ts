import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  clientEvents,
  type Endpoint,
  ERROR_CODES,
  ErrorBody,
  type ErrorCode,
  HEADERS,
  LIMITS,
  MobileError,
  mobileEndpoints,
  PROTOCOL_VERSION,
  REFUSALS,
  serverEvents,
  v1,
  webAppEndpoints,
} from '../src/index.ts'

// What is on the wire, under the version that says so. When this test fails you changed the wire (or the way zod
// describes it): check that installed clients still understand it, raise PROTOCOL_VERSION, note it in the changelog,
// and put the version and the hash that the failure prints here.
const PINNED = { version: 3, hash: 'd8711ec9cc2ec4dbdac60f91c92a5404' }

test('the wire does not change without its version', () => {
  const hash = createHash('sha256').update(canonical(wire())).digest('hex').slice(0, 32)
  expect({ version: PROTOCOL_VERSION, hash }, 'see the comment in this file').toEqual(PINNED)
})

test('the hash sees a changed limit, a changed field and a changed answer', () => {
  const base = canonical(accepted(z.object({ roomId: z.string().max(128), read: z.boolean() })))
  expect(canonical(accepted(z.object({ roomId: z.string().max(127), read: z.boolean() })))).not.toBe(base)
  expect(
    canonical(accepted(z.object({ roomId: z.string().max(128), read: z.boolean().optional() }))),
  ).not.toBe(base)
  expect(canonical(accepted(z.object({ roomID: z.string().max(128), read: z.boolean() })))).not.toBe(base)
  expect(canonical(accepted(z.object({ read: z.boolean(), roomId: z.string().max(128) })))).toBe(base)
})

function wire(): unknown {
  return {
    clientEvents: mapValues(clientEvents, ({ payload, result }) => ({
      payload: accepted(payload),
      result: sent(result),
    })),
    serverEvents: mapValues(serverEvents, sent),
    v1: mapValues(v1, endpoint),
    mobile: mapValues(mobileEndpoints, endpoint),
    webApp: mapValues(webAppEndpoints, endpoint),
    errors: { codes: refusals(), body: sent(ErrorBody), mobile: sent(MobileError) },
    limits: LIMITS,
    headers: HEADERS,
  }
}

function refusals() {
  const codes = Object.entries(REFUSALS) as [ErrorCode, (typeof REFUSALS)[ErrorCode]][]
  return Object.fromEntries(codes.map(([code, refusal]) => [code, { ...refusal, retry: ERROR_CODES[code] }]))
}

function endpoint({ method, path, auth, status, params, query, body, response }: Endpoint) {
  return {
    method,
    path,
    auth,
    status: status ?? 200,
    params: params && accepted(params),
    query: query && accepted(query),
    body: body && accepted(body),
    response: sent(response),
  }
}

function accepted(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}

function sent(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' })
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

// The order in which fields and alternatives are written in the source is not part of the wire.
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${entries
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .sort()
    .join(',')}}`
}
