import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

/**
 * Builds a package as it is published: `npm run build -w @tally/client`. One module of JavaScript and one of types in
 * `dist`. The schemas' package is part of them, so that nobody has to install it; everything else stays an import.
 */
const folder = process.cwd()
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const BUNDLED = '@tally/protocol'
const imported = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
/** @param {string} id */
const isImported = (id) => imported.some((name) => id === name || id.startsWith(`${name}/`))
const input = join(folder, 'src/index.ts')
const dist = join(folder, 'dist')
// React's server components may not use hooks: modules that do say so in their first line.
const banner = imported.includes('react') ? "'use client'" : ''

rmSync(dist, { recursive: true, force: true })

const code = await rolldown({
  input,
  platform: 'neutral',
  external: isImported,
  resolve: { conditionNames: ['@tally/source', 'import', 'default'] },
  // Importing a package does nothing, ours and those we take.
  treeshake: { moduleSideEffects: false },
})
await code.write({ dir: dist, format: 'esm', sourcemap: true, banner, entryFileNames: 'index.js' })
await code.close()

const types = await rollup({
  input,
  external: isImported,
  plugins: [dts({ tsconfig: join(folder, 'tsconfig.json'), includeExternal: [BUNDLED] })],
  onwarn: (warning) => {
    throw new Error(warning.message)
  },
})
await types.write({ file: join(dist, 'index.d.ts'), format: 'es' })
await types.close()
