import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, 'main.ts')
/** Enough for a machine that has other things to do: what is looked at here is whether it is right, not how fast. */
const PATIENCE = '15'
const DEADLINE_MS = 175_000

test(
  'killed nodes and lost Redis, under load from outside: nothing lost, nothing twice, every badge exact',
  async () => {
    const chaos = spawn(
      process.execPath,
      ['--conditions=@tally/source', PROGRAM, '--short', '--patience', PATIENCE],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const timer = setTimeout(() => chaos.kill('SIGKILL'), DEADLINE_MS - 5_000)
    const said: string[] = []
    for (const stream of [chaos.stdout, chaos.stderr]) {
      stream.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    }
    const [code] = await once(chaos, 'close')
    clearTimeout(timer)
    expect(code, said.join('')).toBe(0)
  },
  DEADLINE_MS,
)
