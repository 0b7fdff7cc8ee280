import { join } from 'node:path'
import { Application } from 'typedoc'
import { root } from './run-command.mjs'

// API.md of each published package, of the docstrings of what it exports; EXTRAS.md of what stands apart from it. Into each
// package's `docs`, or into another folder, by the package's name: `node scripts/build-api-docs.mjs <folder>`.
const [target] = process.argv.slice(2)
const documents = [
  { name: 'client', source: 'index.ts', file: 'API.md' },
  { name: 'client', source: 'extras.ts', file: 'EXTRAS.md' },
  { name: 'react', source: 'index.ts', file: 'API.md' },
]
for (const { name, source, file } of documents) {
  const folder = join(root, 'packages', name)
  /** @type {Partial<import('typedoc').TypeDocOptions> & import('typedoc-plugin-markdown').PluginOptions} */
  const options = {
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [join(folder, 'src', source)],
    tsconfig: join(folder, 'tsconfig.json'),
    skipErrorChecking: true,
    readme: 'none',
    disableSources: true,
    excludeExternals: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    outputFileStrategy: 'modules',
    entryFileName: file,
    cleanOutputDir: false,
    outputs: [{ name: 'markdown', path: target === undefined ? join(folder, 'docs') : join(target, name) }],
  }
  const app = await Application.bootstrapWithPlugins(options)
  const project = await app.convert()
  if (project === undefined) throw new Error(`the sources of ${name} could not be read`)
  await app.generateOutputs(project)
}
