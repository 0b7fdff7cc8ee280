import { expect, test } from 'vitest'
import type { ProcessorProfile } from './processor-profile.ts'
import { layersOf, stacksOf } from './profile-layers.ts'

const at = (functionName: string, url = ''): { functionName: string; url: string; lineNumber: number } => {
  return { functionName, url, lineNumber: 0 }
}

/** Four looks: a write to a socket that the fan-out caused, idle, the collector, and nothing that is ours. */
const PROFILE: ProcessorProfile = {
  nodes: [
    { id: 1, callFrame: at('(root)'), children: [2, 5, 6, 7] },
    { id: 2, callFrame: at('tell', 'file:///app/packages/server/src/actions/announce.ts'), children: [3] },
    {
      id: 3,
      callFrame: at('write', 'file:///app/packages/server/src/edges/socket/direct-writer.ts'),
      children: [4],
    },
    { id: 4, callFrame: at('writev', 'node:net') },
    { id: 5, callFrame: at('(idle)') },
    { id: 6, callFrame: at('(garbage collector)') },
    { id: 7, callFrame: at('processTimers', 'node:internal/timers') },
  ],
  samples: [4, 5, 6, 7, 4],
  timeDeltas: [100, 1_000, 20, 30, 50],
}

test('time belongs to the innermost layer on the stack, and idle time to none', () => {
  const layers = layersOf(PROFILE)
  expect(layers['socket out']).toBe(150)
  expect(layers.garbage).toBe(20)
  expect(layers.runtime).toBe(30)
  expect(Object.values(layers).reduce((sum, us) => sum + us, 0)).toBe(200)
})

test('a stack begins with the outermost call, and is counted once with all its time', () => {
  const stack = stacksOf(PROFILE).find(({ us }) => us === 150)?.stack
  expect(stack?.map(({ functionName }) => functionName)).toEqual(['tell', 'write', 'writev'])
})
