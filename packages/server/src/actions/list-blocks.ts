import { type Block, type Cursor, UserId } from '@tally/protocol'
import { z } from 'zod'
import { readBlockPage } from '../store/read-blocks.ts'
import type { ActionContext, Caller } from './context.ts'
import { decodeCursor, encodeCursor, pageOf } from './list-cursor.ts'

/**
 * Whom the caller has blocked.
 * @throws RequestError `invalid_cursor`, `storage_unavailable`.
 */
export async function listBlocks(
  ctx: ActionContext,
  caller: Caller,
  { cursor, limit }: { cursor?: Cursor | undefined; limit: number },
): Promise<{ items: Block[]; next: Cursor | null }> {
  const { userId } = caller
  const scope = { list: 'blocks', owner: userId }
  const afterUserId = cursor === undefined ? null : decodeCursor(scope, cursor, Place)[0]
  const read = await readBlockPage(ctx.db, { userId, afterUserId, limit: limit + 1 })
  return pageOf(read, limit, (last) => encodeCursor(scope, [last.userId]))
}

const Place = z.tuple([UserId])
