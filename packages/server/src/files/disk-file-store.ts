import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RequestError } from '@tally/protocol'
import type { FileStore } from './file-store.ts'

/** Files in a folder of this machine, or of one that all servers have mounted. */
export class DiskFileStore implements FileStore {
  readonly #folder: string
  readonly #isTemporary: boolean

  /** @param options.isTemporary the folder goes with `close`. */
  constructor(folder: string, { isTemporary = false } = {}) {
    this.#folder = folder
    this.#isTemporary = isTemporary
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key)
    await answered(async () => {
      await mkdir(dirname(path), { recursive: true })
      // Under its own name only when all of it is there: a process that ends in the middle leaves nothing half.
      await writeFile(`${path}.new`, bytes, { flush: true })
      await rename(`${path}.new`, path)
    })
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return answered(() =>
      readFile(this.#pathOf(key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      }),
    )
  }

  async delete(keys: readonly string[]): Promise<void> {
    await answered(async () => {
      for (const key of keys) await rm(this.#pathOf(key), { force: true })
    })
  }

  async close(): Promise<void> {
    if (this.#isTemporary) await rm(this.#folder, { recursive: true, force: true })
  }

  #pathOf(key: string): string {
    // Keys are ours; one that is not is a bug, and must not become a path.
    if (!/^[\w-]+(\/[\w-]+)*$/.test(key)) throw new Error('not a key of a file')
    return join(this.#folder, ...key.split('/'))
  }
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new RequestError('storage_unavailable', { cause })
  }
}
