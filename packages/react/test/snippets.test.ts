import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { repositoryTool } from './published-packages.ts'

const ROOT = join(import.meta.dirname, '../../..')
const DOCUMENTS = ['README.md', 'packages/client/README.md', 'packages/react/README.md', 'docs/MIGRATING.md']

/** What the reader's own app has. */
const GIVEN = `
declare const url: string
declare const token: string
declare const fetchToken: () => Promise<string>
declare const roomId: import('@tally/client').RoomId
declare const showBadge: (total: number | null | undefined) => void
declare const setBadge: (total: number | null) => void
declare const setMessages: (next: readonly unknown[] | ((all: readonly unknown[]) => readonly unknown[])) => void
`

const CONFIG = {
  extends: join(ROOT, 'tsconfig.base.json'),
  include: ['*'],
  compilerOptions: {
    module: 'ESNext',
    moduleResolution: 'Bundler',
    jsx: 'react-jsx',
    lib: ['ES2024', 'DOM', 'DOM.Iterable'],
    types: [],
    moduleDetection: 'force',
    noUnusedLocals: false,
    // Styles are no module of TypeScript's.
    noUncheckedSideEffectImports: false,
  },
}

test('what the documents show compiles', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-snippets-'))
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    // A script and no module: its names are everywhere.
    await writeFile(join(folder, 'given.d.ts'), GIVEN)
    for (const document of DOCUMENTS) {
      const text = await readFile(join(ROOT, document), 'utf8')
      const snippets = [...text.matchAll(/^```(tsx?)\n(.*?)^```$/gms)]
      expect(snippets, document).not.toEqual([])
      for (const [index, [, language, code = '']] of snippets.entries()) {
        const name = `${document.replaceAll('/', '-')}-${index + 1}.${language}`
        await writeFile(join(folder, basename(name)), code)
      }
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG))
    const { stdout } = await promisify(execFile)(repositoryTool('tsc'), [
      '--project',
      folder,
      '--noEmit',
    ]).catch((error) => error)
    expect(stdout).toBe('')
  } finally {
    await rm(folder, { recursive: true })
  }
}, 240_000)
