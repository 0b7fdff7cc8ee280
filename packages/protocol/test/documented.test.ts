import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  clientEvents,
  ERROR_CODES,
  type ErrorCode,
  mobileEndpoints,
  REFUSALS,
  serverEvents,
  v1,
  webAppEndpoints,
} from '../src/index.ts'

const text = readFileSync(new URL('../../../docs/PROTOCOL.md', import.meta.url), 'utf8')

describe('docs/PROTOCOL.md names everything of the wire', () => {
  test.each([...Object.keys(clientEvents), ...Object.keys(serverEvents)])('event %s', (name) => {
    expect(text).toContain(`\`${name}\``)
  })

  test.each(
    [v1, mobileEndpoints, webAppEndpoints].flatMap((endpoints) =>
      Object.values(endpoints).map(({ method, path }) => `${method} ${path}`),
    ),
  )('endpoint %s', (endpoint) => {
    expect(text).toContain(`\`${endpoint}\``)
  })

  test.each(Object.entries(ERROR_CODES))('refusal %s', (code, retry) => {
    const { status } = REFUSALS[code as ErrorCode]
    expect(text).toContain(`| \`${code}\` | ${status} | ${retry} |`)
  })
})
