import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { startTally } from '../../src/main.ts'
import { createLog } from '../../src/ops/log.ts'

test('a start whose port is taken fails and gives its folder back', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tally-start-'))
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const start = (PORT: string) => {
    const environment = { PORT, HOST: '127.0.0.1', DATA_DIR: dataDir, TALLY_DEMO_DATA: 'false' }
    return startTally(loadConfig(environment), createLog({ level: 'silent' }))
  }
  await expect(start(String(port))).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await new Promise((resolve) => other.close(resolve))

  const running = await start('0')
  expect((await fetch(`${running.url}/health/ready`)).status).toBe(200)
  await running.stop()
  await rm(dataDir, { recursive: true })
}, 60_000)
