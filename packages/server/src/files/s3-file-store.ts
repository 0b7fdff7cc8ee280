import { RequestError } from '@tally/protocol'
import { AwsClient } from 'aws4fetch'
import type { FileStore } from './file-store.ts'

export type S3Options = {
  /** Of the bucket, without a slash at the end. */
  url: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}

const ANSWER_TIMEOUT_MS = 10_000
/** How often one request is tried, in all. */
const ATTEMPTS = 3
const RETRY_AFTER_MS = 2_000

/** Objects of a bucket, by nothing but PUT, GET and DELETE: every S3-compatible server has these. */
export class S3FileStore implements FileStore {
  readonly #client: AwsClient
  readonly #url: string

  constructor({ url, ...account }: S3Options) {
    this.#client = new AwsClient({ ...account, service: 's3', retries: 0 })
    this.#url = url
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#ask('PUT', key, bytes)
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#ask('GET', key)
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#ask('DELETE', key)
  }

  async close(): Promise<void> {}

  async #ask(
    method: 'PUT' | 'GET' | 'DELETE',
    key: string,
    body?: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#tryOnce(method, key, body)
      } catch (cause) {
        if (attempt < ATTEMPTS) continue
        throw new RequestError('storage_unavailable', { cause, retryAfterMs: RETRY_AFTER_MS })
      }
    }
  }

  async #tryOnce(method: string, key: string, body?: Uint8Array): Promise<Uint8Array | undefined> {
    const answer = await this.#client.fetch(`${this.#url}/${key}`, {
      method,
      // The keys of the account go to the server that the operator named and nowhere else.
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    })
    const bytes = await answer.bytes()
    if (answer.ok) return method === 'GET' ? bytes : undefined
    if (answer.status === 404 && method !== 'PUT') return undefined
    throw new Error(`the file server answered ${method} with ${answer.status}`)
  }
}
