import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FileStore } from './file-store.ts'

/** What every storage of files promises. */
export function fileStoreContract(
  name: string,
  open: () => Promise<{ store: FileStore; other: FileStore; close: () => Promise<void> }>,
): void {
  describe(`files ${name}`, () => {
    let made: Awaited<ReturnType<typeof open>>
    beforeAll(async () => {
      made = await open()
    })
    afterAll(() => made.close())

    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251)

    test('what was put is there, for every server', async () => {
      await made.store.put('ab/one/0-x', bytes)
      expect(Buffer.from((await made.store.get('ab/one/0-x')) ?? []).equals(bytes)).toBe(true)
      expect(Buffer.from((await made.other.get('ab/one/0-x')) ?? []).equals(bytes)).toBe(true)
    })

    test('what was never put is not there', async () => {
      expect(await made.store.get('ab/nothing/0-x')).toBeUndefined()
    })

    test('what was deleted is gone; deleting it again changes nothing', async () => {
      await made.store.put('ab/two/0-x', bytes)
      await made.store.put('ab/two/1-x', bytes)
      await made.store.delete(['ab/two/0-x', 'ab/two/1-x', 'ab/two/2-x'])
      await made.store.delete(['ab/two/0-x'])
      expect(await made.store.get('ab/two/0-x')).toBeUndefined()
      expect(await made.store.get('ab/two/1-x')).toBeUndefined()
    })

    test('two that are put at once do not mix', async () => {
      const parts = Array.from({ length: 8 }, (_, index) => Uint8Array.from({ length: 5_000 }, () => index))
      await Promise.all(parts.map((part, index) => made.store.put(`ab/many/${index}-x`, part)))
      for (const [index, part] of parts.entries()) {
        expect(Buffer.from((await made.store.get(`ab/many/${index}-x`)) ?? []).equals(part)).toBe(true)
      }
    })
  })
}
