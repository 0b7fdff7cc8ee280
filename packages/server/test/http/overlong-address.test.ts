import { expect, test } from 'vitest'
import { useTally } from '../../test-support/test-tally.ts'

const tally = useTally('pglite')

test.each([
  ['GET', '/v1/rooms/:id'],
  ['DELETE', '/v1/rooms/:id'],
  ['PATCH', '/api/chat/room/:id/read'],
])(
  'an id in the address that is longer than any is a malformed request, not a fault of ours: %s %s',
  async (method, path) => {
    const answer = await tally().ask(method, path.replace(':id', 'x'.repeat(4_000)), { as: 'kim' })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toContain('invalid_request')
  },
)
