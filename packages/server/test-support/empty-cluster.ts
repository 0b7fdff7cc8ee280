import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

export type EmptyCluster = {
  /** Of the archive. */
  path: string
  remove(): Promise<void>
}

/** What a new embedded database begins as, made once for the hundreds that the tests open: each would take seconds. */
export async function archiveEmptyCluster(): Promise<EmptyCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'tally-cluster-'))
  const path = join(folder, 'empty.tar')
  const pglite = await PGlite.create()
  // Not compressed: it is read far more often than written.
  const archive = await pglite.dumpDataDir('none')
  await pglite.close()
  await writeFile(path, archive.stream())
  return { path, remove: () => rm(folder, { recursive: true, force: true }) }
}
