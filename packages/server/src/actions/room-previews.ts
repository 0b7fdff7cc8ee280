import type { RoomId } from '@tally/protocol'
import { LRUCache } from 'lru-cache'
import type { StoredMessage } from '../core/committed.ts'
import type { RoomPreview } from '../store/read-previews.ts'

export type { RoomPreview } from '../store/read-previews.ts'

export type RoomPreviewsOptions = {
  /** The newest messages of these rooms from the database, in one statement. */
  read: (roomIds: readonly RoomId[]) => Promise<ReadonlyMap<RoomId, RoomPreview>>
  /** Rooms to remember; the least recently used go first. */
  maxRooms: number
  /** Characters of all their texts together, likewise. */
  maxChars: number
}

/**
 * The newest message of a node's busy rooms, for the rows of room lists. It vanishes with the node. A preview is true
 * at its `change`; one of a lower change than the room's own is as good as none, so an edit on another node can never
 * bring an old text back.
 */
export class RoomPreviews {
  readonly #read: RoomPreviewsOptions['read']
  readonly #previews: LRUCache<RoomId, RoomPreview>

  constructor({ read, maxRooms, maxChars }: RoomPreviewsOptions) {
    this.#read = read
    this.#previews = new LRUCache({
      max: maxRooms,
      maxSize: maxChars,
      sizeCalculation: ({ lastMessage }) => Math.max(1, lastMessage?.length ?? 0),
    })
  }

  /** Keeps a preview unless a later one is known. */
  put(roomId: RoomId, preview: RoomPreview): void {
    const known = this.#previews.get(roomId)
    if (known === undefined || known.change <= preview.change) this.#previews.set(roomId, preview)
  }

  /** What is remembered, if it is true at this change of the room or a later one. */
  peek(roomId: RoomId, atChange = 0): RoomPreview | undefined {
    const known = this.#previews.get(roomId)
    return known === undefined || known.change < atChange ? undefined : known
  }

  /**
   * The rooms' previews from the database, remembered from now on. Rooms that do not exist are left out.
   * @throws when the database is away.
   */
  async load(roomIds: readonly RoomId[]): Promise<Map<RoomId, RoomPreview>> {
    const read = await this.#read(roomIds)
    const previews = new Map<RoomId, RoomPreview>()
    for (const [roomId, preview] of read) {
      this.put(roomId, preview)
      previews.set(roomId, this.#previews.get(roomId) ?? preview)
    }
    return previews
  }

  forget(roomId: RoomId): void {
    this.#previews.delete(roomId)
  }
}

/** What a room's newest message makes of its row, with the room's version of that moment. */
export function previewOf(
  { text, createdAt, seq, senderId, change }: StoredMessage,
  membership: number,
): RoomPreview {
  return {
    ...{ lastMessage: text, lastMessageAt: createdAt, lastSeq: seq, lastSenderId: senderId },
    ...{ change, membership },
  }
}
