import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

test('the documents of the packages say what their sources say (npm run docs)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-api-docs-'))
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build-api-docs.mjs'), folder])
  for (const document of ['client/API.md', 'client/EXTRAS.md', 'react/API.md']) {
    const [name, file] = document.split('/') as [string, string]
    const kept = await readFile(join(ROOT, 'packages', name, 'docs', file), 'utf8')
    expect(kept, document).toBe(await readFile(join(folder, document), 'utf8'))
  }
  await rm(folder, { recursive: true })
}, 240_000)
