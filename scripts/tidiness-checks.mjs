/**
 * What keeps the house tidy, each by its own tool. `npm run check` runs them one after the other;
 * test/tidiness.test.ts makes each of them a test.
 *
 * @type {{ promise: string, command: string, args: string[] }[]}
 */
export const tidinessChecks = [
  {
    promise: 'the code is formatted and lint-free (Biome)',
    command: 'biome',
    args: ['check', '--error-on-warnings'],
  },
  ...[
    '.',
    'packages/protocol',
    'packages/client',
    'packages/react',
    'packages/server',
    'apps/web',
    'bench',
  ].map((folder) => ({
    promise: `types hold in ${folder === '.' ? 'the root' : folder} (tsc)`,
    command: 'tsc',
    // Several checkers at a time take twice the processor time: each infers anew what all of them need.
    args: ['--singleThreaded', '--project', folder],
  })),
  {
    promise: 'nothing is dead: files, exports, dependencies (knip)',
    command: 'knip',
    args: ['--no-progress'],
  },
  {
    promise: 'imports follow the rules of the architecture (dependency-cruiser)',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.mjs', 'packages', 'apps', 'bench', 'test'],
  },
]
