import { readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

/**
 * Builds a package as it is published: `npm run build -w @tally/client`. One module of JavaScript and one of types for each
 * of its addresses, in `dist`, and what they share. The schemas' package is part of them, so that nobody has to install it; everything else stays an import.
 */
const folder = process.cwd()
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const BUNDLED = '@tally/protocol'
const imported = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
/** @param {string} id */
const isImported = (id) => imported.some((name) => id === name || id.startsWith(`${name}/`))
/** Each address of the package, by the name of its file: `index`, and what else it offers. */
const input = Object.fromEntries(
  Object.values(manifest.exports)
    .flatMap((entry) => entry['@tally/source'] ?? [])
    .map((source) => [basename(source, '.ts'), join(folder, source)]),
)
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
await code.write({ dir: dist, format: 'esm', sourcemap: true, banner, entryFileNames: '[name].js' })
await code.close()

const types = await rollup({
  input,
  external: isImported,
  plugins: [dts({ tsconfig: join(folder, 'tsconfig.json'), includeExternal: [BUNDLED] })],
  onwarn: (warning) => {
    throw new Error(warning.message)
  },
})
await types.write({
  dir: dist,
  format: 'es',
  entryFileNames: '[name].d.ts',
  chunkFileNames: '[name]-[hash].d.ts',
})
await types.close()
