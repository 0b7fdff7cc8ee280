import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CONNECTIONS_PER_SECOND } from './admission.ts'

test('what the report calls the default is the default of the server', () => {
  const documented = readFileSync(join(import.meta.dirname, '../../../docs/CONFIGURATION.md'), 'utf8')
  const line = documented.split('\n').find((text) => text.includes('TALLY_CONNECTIONS_PER_SECOND'))
  expect(line).toContain(`| \`${CONNECTIONS_PER_SECOND.usual}\` |`)
})
