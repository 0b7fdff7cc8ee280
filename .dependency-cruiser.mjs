/**
 * The import rules of docs/ARCHITECTURE.md ("Imports"), as data. What a folder may import is written once, below;
 * everything of ours that is not in its list is forbidden, so a new folder starts with no rights at all.
 * Tests may import whatever they exercise: they are held only by the rules on cycles and test files.
 */

/** Packages and the packages whose public index they may import. */
const packageLayers = {
  'packages/protocol': [],
  'packages/client': ['packages/protocol'],
  'packages/react': ['packages/protocol', 'packages/client'],
  'packages/server': ['packages/protocol'],
  'apps/web': ['packages/protocol', 'packages/client', 'packages/react'],
  bench: ['packages/protocol', 'packages/client'],
}

/**
 * Folders of the server and the folders of the server they may import. `types` may be named in `import type` only:
 * an edge is handed frames and ports by main and has to say what they are, but can neither build nor reach one.
 */
const serverLayers = {
  core: { values: [], types: [] },
  store: { values: ['core'], types: [] },
  redis: { values: ['core'], types: [] },
  ledger: { values: ['core', 'redis'], types: [] },
  bus: { values: ['core', 'redis'], types: [] },
  queue: { values: ['core'], types: [] },
  push: { values: ['core'], types: [] },
  files: { values: ['core'], types: [] },
  ops: { values: ['core'], types: [] },
  config: { values: ['core'], types: [] },
  actions: { values: ['core', 'store', 'ledger', 'bus', 'queue', 'files'], types: [] },
  edges: { values: ['actions', 'core'], types: ['store', 'ledger', 'bus', 'queue', 'ops'] },
  workers: { values: ['actions', 'core'], types: ['store', 'ledger', 'bus', 'queue', 'ops'] },
}

const SERVER = '^packages/server/src/'
const TESTS = '(^|/)test(-support)?/|[.](test|contract)[.]tsx?$'
const PACKAGES = `^(${Object.keys(packageLayers).join('|')})/`

const error = (rule) => ({ severity: 'error', ...rule })
const anyOf = (names) => `(${names.join('|')})`

const packageRules = Object.entries(packageLayers).map(([name, allowed]) =>
  error({
    name: `${name} imports ${allowed.join(', ') || 'nothing of ours'}`,
    from: { path: `^${name}/`, pathNot: TESTS },
    to: { path: PACKAGES, pathNot: `^${anyOf([name, ...allowed])}/` },
  }),
)

const publicIndexRules = Object.keys(packageLayers).map((name) =>
  error({
    name: `${name} is imported through its public index, or what it publishes beside it`,
    from: { pathNot: [`^${name}/`, TESTS] },
    to: { path: `^${name}/`, pathNot: `^${name}/src/(index|extras)[.]ts$` },
  }),
)

const serverRules = Object.entries(serverLayers).flatMap(([name, { values, types }]) => [
  error({
    name: `server/${name} imports ${values.join(', ') || 'no other folder of the server'}`,
    from: { path: `${SERVER}${name}/`, pathNot: TESTS },
    to: { path: SERVER, pathNot: `${SERVER}${anyOf([name, ...values, ...types])}/` },
  }),
  ...(types.length === 0
    ? []
    : [
        error({
          name: `server/${name} imports only types of ${types.join(', ')}`,
          from: { path: `${SERVER}${name}/`, pathNot: TESTS },
          to: { path: `${SERVER}${anyOf(types)}/`, dependencyTypesNot: ['type-only'] },
        }),
      ]),
])

const otherRules = [
  {
    name: 'a folder of the server without a rule imports no other folder',
    from: { path: `${SERVER}([^/]+)/`, pathNot: [TESTS, `${SERVER}${anyOf(Object.keys(serverLayers))}/`] },
    to: { path: SERVER, pathNot: `${SERVER}$1/` },
  },
  {
    name: 'only the composition root knows which adapter is used',
    from: { path: `${SERVER}([^/]+)/`, pathNot: TESTS },
    to: {
      path: `${SERVER}(ledger|bus|queue|push|files)/(memory|redis|kafka|expo|fcm|web-push|disk|s3)-`,
      pathNot: `${SERVER}$1/`,
    },
  },
  {
    name: 'core is pure: protocol, assertions and hashes only',
    from: { path: `${SERVER}core/`, pathNot: TESTS },
    to: { pathNot: [`${SERVER}core/`, '^packages/protocol/', '^(assert|crypto)$'] },
  },
  {
    name: 'protocol is schemas only (zod)',
    from: { path: '^packages/protocol/src/', pathNot: TESTS },
    to: { pathNot: ['^packages/protocol/src/', '(^|/)node_modules/zod/'] },
  },
  {
    name: 'the client runs anywhere: no Node modules, no React',
    from: { path: '^packages/client/src/', pathNot: TESTS },
    to: { pathNot: ['^packages/(client|protocol)/src/', '(^|/)node_modules/socket[.]io-client/'] },
  },
  {
    name: 'the page runs in a browser: no Node modules',
    from: { path: '^apps/web/src/', pathNot: TESTS },
    to: { dependencyTypes: ['core'] },
  },
  { name: 'no cycles', from: {}, to: { circular: true } },
  {
    name: 'no barrels: index.ts stands only at the root of a package',
    from: { path: '(^|/)index[.]tsx?$', pathNot: '^(packages/[^/]+|apps/[^/]+|bench)/src/index[.]ts$' },
    to: {},
  },
  {
    name: 'what ships never imports tests',
    // The figures of the page are measured, not shipped.
    from: { path: PACKAGES, pathNot: [TESTS, '[.]config[.]ts$', '^apps/web/figures/'] },
    to: { path: TESTS },
  },
  {
    name: 'every import resolves',
    from: {},
    to: { couldNotResolve: true, pathNot: '^virtual:' },
  },
].map(error)

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...packageRules, ...publicIndexRules, ...serverRules, ...otherRules],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@tally/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.d.ts', '.json', '.css'],
    },
  },
}
