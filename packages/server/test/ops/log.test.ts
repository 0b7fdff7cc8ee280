import { expect, test } from 'vitest'
import { createLog } from '../../src/ops/log.ts'

function linesOf(write: (log: ReturnType<typeof createLog>) => void, level = 'debug'): string {
  let lines = ''
  const destination = { write: (line: string) => (lines += line) }
  write(createLog({ level, instance: 'node-1', destination }))
  return lines
}

test('a line is JSON with its level, its time and the name of the server', () => {
  const line = JSON.parse(linesOf((log) => log.info({ rooms: 3 }, 'ready')))
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    instance: 'node-1',
    rooms: 3,
    msg: 'ready',
  })
})

test('less important lines than asked for are not written', () => {
  expect(linesOf((log) => log.info({}, 'x'), 'warn')).toBe('')
})

test.each([
  { token: 'hunter2' },
  { authorization: 'Bearer hunter2' },
  { headers: { 'x-api-key': 'hunter2' } },
  { body: { content: 'hunter2' } },
  { config: { jwtSecret: 'hunter2', databaseUrl: 'postgres://u:hunter2@db/x' } },
  { message: { text: 'hunter2' } },
  { stored: { text: 'hunter2' } },
  { row: { last_message: 'hunter2' } },
  { payload: { message: 'hunter2' } },
])('neither secrets nor texts of people are written: %j', (fields) => {
  const lines = linesOf((log) => log.error(fields, 'failed'))
  expect(lines).toContain('[redacted]')
  expect(lines).not.toContain('hunter2')
})

test('an error says what it is and why, and not what the driver knows of the row', () => {
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: 'Key (text)=(hunter2) already exists.',
    parameters: ['hunter2'],
  })
  const lines = linesOf((log) => log.error({ err: new Error('not stored', { cause }) }, 'failed'))
  expect(JSON.parse(lines).err).toMatchObject({
    type: 'Error',
    reason: 'not stored',
    stack: expect.stringContaining('log.test.ts'),
    cause: { reason: 'duplicate key', code: '23505' },
  })
  expect(lines).not.toContain('hunter2')
})

test('a request is written without its query and its headers', () => {
  const req = {
    id: 'r1',
    method: 'GET',
    url: '/v1/sync?token=hunter2',
    ip: '10.0.0.1',
    headers: { cookie: 'hunter2' },
  }
  const line = linesOf((log) => log.info({ req }, 'answered'))
  expect(JSON.parse(line).req).toEqual({ id: 'r1', method: 'GET', path: '/v1/sync', address: '10.0.0.1' })
})

test('whatever is thrown can be written', () => {
  const circular = new Error('around')
  circular.cause = circular
  for (const thrown of [circular, 'text', undefined, null, { a: 1 }]) {
    expect(linesOf((log) => log.error({ err: thrown }, 'failed'))).toContain('failed')
  }
})
