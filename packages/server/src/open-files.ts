import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { DiskFileStore } from './files/disk-file-store.ts'
import type { FileStore } from './files/file-store.ts'
import { S3FileStore } from './files/s3-file-store.ts'

/** Where the files of messages go, as the operator decided. With a database in memory they live no longer than that. */
export function openFiles({ s3, filesDir, dataDir, databaseUrl }: Config): FileStore {
  if (s3 !== undefined) return new S3FileStore(s3)
  if (filesDir !== undefined) return new DiskFileStore(filesDir)
  if (databaseUrl !== undefined || !dataDir.startsWith('memory://')) {
    return new DiskFileStore(join(dataDir, 'attachments'))
  }
  return new DiskFileStore(mkdtempSync(join(tmpdir(), 'tally-files-')), { isTemporary: true })
}
