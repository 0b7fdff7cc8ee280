import type { RoomId } from '@tally/protocol'
import { indexTokens } from '../core/search-text.ts'
import {
  claimIndexing,
  type IndexEntry,
  noteIndexed,
  readRoomsBehind,
  readTouchedRooms,
  readUnindexed,
  type TouchedRooms,
  type UnindexedMessage,
  writeIndexEntries,
} from '../store/index-messages.ts'
import type { ActionContext } from './context.ts'

const CLAIM_MS = 15_000
/**
 * A step is short, because whoever sends meanwhile waits for it, on the embedded database at least: what some commits
 * touched is read, or so many entries are written.
 */
const COMMITS_PER_STEP = 200
const ENTRIES_PER_STEP = 100
const MOST_ROOMS_PER_STEP = 50
/** How often every room is compared with the index, in case something got lost on the way. */
const SWEEP_EVERY_MS = 60 * 60_000

/** Rooms that some commits touched, and what to note when each had its turn. */
type Page = Pick<TouchedRooms, 'roomIds' | 'upTo' | 'isAll'>

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
  #page: Page | undefined
  /** Rooms of earlier pages of which there is more: they come with the next one, so that none waits for them. */
  #behind: RoomId[] = []
  /** As many as have the entries of one step, by what the last one had; at most twice as many as then. */
  #roomsPerStep = 1

  /**
   * Does one step of what there is to do.
   * @returns whether there is more.
   * @throws RequestError `storage_unavailable`; the next run does it.
   */
  async run(ctx: ActionContext, nowMs: number): Promise<boolean> {
    try {
      if (!(await claimIndexing(ctx.db, { forMs: CLAIM_MS }))) throw new AnotherKeepsIt()
      if (nowMs - this.#sweptAtMs > SWEEP_EVERY_MS) this.#isSweeping = true
      const hasMore = await this.#followOutbox(ctx)
      if (!hasMore && this.#isSweeping) await this.#sweep(ctx, nowMs)
      return hasMore || this.#isSweeping
    } catch (error) {
      if (!(error instanceof AnotherKeepsIt)) throw error
      this.#page = undefined
      this.#behind = []
      this.#isSweeping = true
      this.#sweptTo = null
      return false
    }
  }

  /**
   * What moved lately comes first: people look for what was just said.
   * @returns whether there is more of it.
   */
  async #followOutbox(ctx: ActionContext): Promise<boolean> {
    this.#page ??= await this.#nextPage(ctx)
    if (this.#page === undefined) return false
    const { roomIds, upTo, isAll } = this.#page
    const step = roomIds.slice(0, this.#roomsPerStep)
    this.#behind.push(...(await this.#indexRooms(ctx, step)))
    roomIds.splice(0, step.length)
    if (roomIds.length > 0) return true
    await noteIndexed(ctx.db, upTo)
    this.#page = undefined
    return !isAll || this.#behind.length > 0
  }

  async #nextPage(ctx: ActionContext): Promise<Page | undefined> {
    const { isNew, hasGap, ...page } = await readTouchedRooms(ctx.db, { limit: COMMITS_PER_STEP })
    if (hasGap) this.#isSweeping = true
    if (!isNew && !hasGap && this.#behind.length === 0) return undefined
    return { ...page, roomIds: [...new Set([...page.roomIds, ...this.#behind.splice(0)])] }
  }

  async #sweep(ctx: ActionContext, nowMs: number): Promise<void> {
    const limit = this.#roomsPerStep
    const found = await readRoomsBehind(ctx.db, { afterRoomId: this.#sweptTo, limit })
    // Rooms of which there is more are met again.
    if ((await this.#indexRooms(ctx, found)).length > 0) return
    this.#sweptTo = found.at(-1) ?? null
    if (found.length < limit) {
      this.#isSweeping = false
      this.#sweptTo = null
      this.#sweptAtMs = nowMs
    }
  }

  /** @returns the rooms of which there is more. */
  async #indexRooms(ctx: ActionContext, roomIds: readonly RoomId[]): Promise<RoomId[]> {
    const { messages, rooms } = await readUnindexed(ctx.db, { roomIds, limitPerRoom: ENTRIES_PER_STEP })
    const perRoom = messages.length / Math.max(1, roomIds.length)
    this.#roomsPerStep = Math.ceil(
      Math.min(MOST_ROOMS_PER_STEP, 2 * this.#roomsPerStep, ENTRIES_PER_STEP / perRoom),
    )
    if (rooms.length === 0) return []
    if (!(await writeIndexEntries(ctx.db, { entries: messages.map(entryOf), rooms })))
      throw new AnotherKeepsIt()
    return rooms.filter(({ isAll }) => !isAll).map(({ roomId }) => roomId)
  }
}

/** The index is another node's by now: what was read for it here is old. */
class AnotherKeepsIt extends Error {}

function entryOf({ text, ...place }: UnindexedMessage): IndexEntry {
  return { ...place, tokens: text === null ? null : indexTokens({ roomId: place.roomId, text }) }
}
