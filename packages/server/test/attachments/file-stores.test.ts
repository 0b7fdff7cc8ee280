import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DiskFileStore } from '../../src/files/disk-file-store.ts'
import { fileStoreContract } from '../../src/files/file-store.contract.ts'
import { S3FileStore } from '../../src/files/s3-file-store.ts'
import { startS3Server } from '../../test-support/s3-server.ts'

fileStoreContract('on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-files-'))
  return {
    store: new DiskFileStore(folder),
    other: new DiskFileStore(folder),
    close: () => rm(folder, { recursive: true }),
  }
})

fileStoreContract('in S3', async () => {
  const server = await startS3Server()
  return { store: new S3FileStore(server), other: new S3FileStore(server), close: server.stop }
})

const storageUnavailable = { name: 'RequestError', code: 'storage_unavailable', retry: 'later' }

describe('on disk', () => {
  test.each(['../secret', '/etc/passwd', 'a/../../b', 'a//b', '', 'a.b', 'a\0b'])(
    '%j is no key',
    async (key) => {
      const store = new DiskFileStore(tmpdir())
      await expect(store.put(key, new Uint8Array(1))).rejects.toThrow('not a key')
      await expect(store.get(key)).rejects.toThrow()
    },
  )

  test('a folder that cannot be written says that nothing can be stored', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tally-files-'))
    await writeFile(join(folder, 'file'), '')
    const store = new DiskFileStore(join(folder, 'file'))
    await expect(store.put('a/b', new Uint8Array(1))).rejects.toMatchObject(storageUnavailable)
    await rm(folder, { recursive: true })
  })
})

describe('in S3', () => {
  test('a wrong secret says that nothing can be stored, and does not say which', async () => {
    const server = await startS3Server()
    const store = new S3FileStore({ ...server, secretAccessKey: 'hunter2-hunter2' })
    const failed = await store.put('a/b', new Uint8Array(1)).catch((error: unknown) => error)
    expect(failed).toMatchObject(storageUnavailable)
    expect(JSON.stringify(failed) + String((failed as Error).cause)).not.toContain('hunter2')
    await server.stop()
  })

  test('a bucket that is not there, and a server that is not there, say so', async () => {
    const server = await startS3Server()
    const nowhere = new S3FileStore({ ...server, url: `${server.url}-not` })
    await expect(nowhere.put('a/b', new Uint8Array(1))).rejects.toMatchObject(storageUnavailable)
    await server.stop()
    const gone = new S3FileStore(server)
    await expect(gone.get('a/b')).rejects.toMatchObject(storageUnavailable)
  })

  test('is not led elsewhere, and one fault is tried again', async () => {
    const asked: string[] = []
    const server = await listening((request, response) => {
      asked.push(request.url ?? '')
      if (request.url === '/bucket/moved') response.writeHead(307, { location: '/secret' }).end()
      else response.writeHead(asked.length === 1 ? 503 : 200).end('bytes')
    })
    const account = { region: 'r', accessKeyId: 'a', secretAccessKey: 's' }
    const store = new S3FileStore({ ...account, url: `${server.url}/bucket` })
    expect(Buffer.from((await store.get('once')) ?? []).toString()).toBe('bytes')
    await expect(store.get('moved')).rejects.toMatchObject(storageUnavailable)
    expect(asked).not.toContain('/secret')
    await server.stop()
  })
})

async function listening(listener: RequestListener): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
