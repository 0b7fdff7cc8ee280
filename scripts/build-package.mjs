import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
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

// The compiler says each module's types, and these are bundled: inferred from the sources by the bundler they take a
// minute and gigabytes.
const declared = join(dist, 'declared')
const types = await rollup({
  input: declare(folder),
  external: isImported,
  plugins: [declarations(declare(join(import.meta.dirname, '../packages/protocol'))), dts()],
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
rmSync(declared, { recursive: true })

/**
 * Writes the types of every module of a package.
 * @param {string} source the package's folder
 * @returns {Record<string, string>} where those of its addresses are
 */
function declare(source) {
  const outDir = join(declared, basename(source))
  mkdirSync(outDir, { recursive: true })
  const options = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    // Whether the sources hold is what `npm run check` asks; asked here as well, a build takes twice as long.
    noCheck: true,
    rootDir: join(source, 'src'),
    outDir,
  }
  const config = join(outDir, 'tsconfig.json')
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(source, 'tsconfig.json'),
      include: [join(source, 'src')],
      exclude: [join(source, 'src/**/*.test.*')],
      compilerOptions: options,
    }),
  )
  execFileSync('tsc', ['-p', config], { stdio: 'inherit' })
  const names = source === folder ? Object.keys(input) : ['index']
  return Object.fromEntries(names.map((name) => [name, join(outDir, `${name}.d.ts`)]))
}

/**
 * Finds the types of a module where `declare` wrote them.
 * @param {Record<string, string>} bundled
 * @returns {import('rollup').Plugin}
 */
function declarations(bundled) {
  return {
    name: 'declarations',
    resolveId: (name, importer) => {
      if (name === BUNDLED) return bundled.index
      if (importer === undefined || !name.startsWith('.')) return null
      return join(dirname(importer), name.replace(/\.tsx?$/, '.d.ts'))
    },
  }
}
