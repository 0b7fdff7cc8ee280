import type { RoomId } from '@tally/protocol'
import { indexTokens } from '../core/search-text.ts'
import {
  claimIndexing,
  type IndexEntry,
  noteIndexed,
  readRoomsBehind,
  readTouchedRooms,
  readUnindexed,
  type UnindexedMessage,
  writeIndexEntries,
} from '../store/index-messages.ts'
import type { ActionContext } from './context.ts'

const CLAIM_MS = 15_000
const ROOMS_PER_STEP = 50
const MESSAGES_PER_ROOM_AND_STEP = 100
/** Entries that are made and written at once: nothing else happens meanwhile, on the embedded database at least. */
const ENTRIES_PER_WRITE = 100
/** How often every room is compared with the index, in case something got lost on the way. */
const SWEEP_EVERY_MS = 60 * 60_000

/**
 * Keeps the index of messages, behind the commit and never in front of it: one node reads from the outbox which rooms
 * moved, and brings their entries up to the room's `change`. A room's change is all it remembers, so new messages, edits
 * and deletes are one thing, a run that was interrupted is repeated, and a database that was never indexed is only far
 * behind.
 */
export class SearchIndexer {
  #sweptAtMs = Number.NEGATIVE_INFINITY
  #isSweeping = true
  #sweptTo: RoomId | null = null
  #touched: { roomIds: RoomId[]; upTo: string } | undefined

  /**
   * Does one step of what there is to do.
   * @returns whether there is more.
   * @throws RequestError `storage_unavailable`; the next run does it.
   */
  async run(ctx: ActionContext, nowMs: number): Promise<boolean> {
    if (!(await claimIndexing(ctx.db, { forMs: CLAIM_MS }))) {
      this.#touched = undefined
      this.#isSweeping = true
      this.#sweptTo = null
      return false
    }
    if (nowMs - this.#sweptAtMs > SWEEP_EVERY_MS) this.#isSweeping = true
    if (!(await this.#followOutbox(ctx)) && this.#isSweeping) await this.#sweep(ctx, nowMs)
    return this.#touched !== undefined || this.#isSweeping
  }

  /**
   * What moved lately comes first: people look for what was just said.
   * @returns whether anything had moved.
   */
  async #followOutbox(ctx: ActionContext): Promise<boolean> {
    if (this.#touched === undefined) {
      const { roomIds, upTo, isNew, hasGap } = await readTouchedRooms(ctx.db)
      if (hasGap) this.#isSweeping = true
      if (!isNew && !hasGap) return false
      this.#touched = { roomIds, upTo }
    }
    const { roomIds, upTo } = this.#touched
    const step = roomIds.slice(0, ROOMS_PER_STEP)
    const behind = await indexRooms(ctx, step)
    roomIds.splice(0, step.length, ...behind)
    if (roomIds.length === 0) {
      await noteIndexed(ctx.db, upTo)
      this.#touched = undefined
    }
    return true
  }

  async #sweep(ctx: ActionContext, nowMs: number): Promise<void> {
    const found = await readRoomsBehind(ctx.db, { afterRoomId: this.#sweptTo, limit: ROOMS_PER_STEP })
    // Rooms of which there is more are met again.
    if ((await indexRooms(ctx, found)).length > 0) return
    this.#sweptTo = found.at(-1) ?? null
    if (found.length < ROOMS_PER_STEP) {
      this.#isSweeping = false
      this.#sweptTo = null
      this.#sweptAtMs = nowMs
    }
  }
}

function entryOf({ text, ...place }: UnindexedMessage): IndexEntry {
  return { ...place, tokens: text === null ? null : indexTokens({ roomId: place.roomId, text }) }
}

/** @returns the rooms of which there is more. */
async function indexRooms(ctx: ActionContext, roomIds: readonly RoomId[]): Promise<RoomId[]> {
  const { messages, rooms } = await readUnindexed(ctx.db, {
    roomIds,
    limitPerRoom: MESSAGES_PER_ROOM_AND_STEP,
  })
  if (rooms.length === 0) return []
  for (let from = 0; from === 0 || from < messages.length; from += ENTRIES_PER_WRITE) {
    const isLast = from + ENTRIES_PER_WRITE >= messages.length
    const entries = messages.slice(from, from + ENTRIES_PER_WRITE).map(entryOf)
    await writeIndexEntries(ctx.db, { entries, rooms: isLast ? rooms : [] })
  }
  return rooms.filter(({ isAll }) => !isAll).map(({ roomId }) => roomId)
}
