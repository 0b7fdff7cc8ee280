import { type AttachmentId, RequestError } from '@tally/protocol'
import { type AttachmentRecord, readSharedAttachment } from '../store/attachments.ts'
import type { ActionContext, Caller } from './context.ts'

/** A file that may be given to who asked. */
export type ReadableFile = {
  name: string
  type: string
  bytes: number
  /** From `start` to before `end`. Its first bytes are there when this resolves: what is lost is found out in time. */
  read(range: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>>
}

/**
 * A file of a message in a room the caller is in, or the caller's own that is not sent yet.
 * @throws RequestError `attachment_not_found` for everything else, there or not; `storage_unavailable`.
 */
export async function readFile(
  ctx: ActionContext,
  { userId }: Caller,
  { attachmentId: id }: { attachmentId: AttachmentId },
): Promise<ReadableFile> {
  const file = await readSharedAttachment(ctx.db, { userId, id })
  if (file?.type == null) throw new RequestError('attachment_not_found')
  const { name, type, bytes } = file
  return { name, type, bytes, read: (range) => readRange(ctx, file, range) }
}

async function readRange(
  ctx: ActionContext,
  { parts, partBytes }: AttachmentRecord,
  { start, end }: { start: number; end: number },
): Promise<AsyncIterable<Uint8Array>> {
  const places = parts
    .map((key, index) => ({ key, at: index * partBytes }))
    .filter(({ at }) => at < end && at + partBytes > start)
  const readPlace = async ({ key, at }: { key: string; at: number }): Promise<Uint8Array> => {
    const part = await ctx.files.get(key)
    if (part === undefined) throw new RequestError('attachment_not_found')
    return part.subarray(Math.max(0, start - at), end - at)
  }
  const [firstPlace, ...others] = places
  const first = firstPlace === undefined ? new Uint8Array() : await readPlace(firstPlace)
  return (async function* () {
    yield first
    for (const place of others) yield await readPlace(place)
  })()
}
