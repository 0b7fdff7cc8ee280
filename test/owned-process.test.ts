import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const SCRIPT = join(import.meta.dirname, '../scripts/owned-process.ts')

const folder = mkdtempSync(join(tmpdir(), 'tally-owned-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'what a test started ends with the process of the test (%s)',
  async (signal) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    // Lasts for as long as its connection, which nobody else ends.
    const owned = file(`import { connect } from 'node:net'; connect(${port}, '127.0.0.1')`)
    const owner = file(
      `import { startOwned } from ${JSON.stringify(SCRIPT)}; startOwned(${JSON.stringify(owned)})`,
    )
    const running = spawn(process.execPath, [owner], { stdio: ['ignore', 'inherit', 'inherit'] })
    const [socket] = (await once(server, 'connection')) as [Socket]
    // However it is closed: a process that is killed may reset what it has.
    const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve))
    socket.resume()
    expect(socket.readyState).toBe('open')
    running.kill(signal)
    await closed
    server.close()
  },
)

let files = 0
function file(text: string): string {
  const path = join(folder, `${files++}.mjs`)
  writeFileSync(path, text)
  return path
}
