/**
 * Where the bytes of attachments are, in parts of a few hundred KiB. A key is written once and never again: what was
 * looked at when it came cannot become something else. Every server sees what any other wrote.
 */
export type FileStore = {
  /** Resolves when the bytes will survive. @throws RequestError `storage_unavailable`. */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** `undefined` when there is no such part. @throws RequestError `storage_unavailable`. */
  get(key: string): Promise<Uint8Array | undefined>
  /** What is not there is deleted already. @throws RequestError `storage_unavailable`. */
  delete(keys: readonly string[]): Promise<void>
  close(): Promise<void>
}
