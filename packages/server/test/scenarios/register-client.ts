import type {
  ChatRoomUpdated,
  Message,
  MessageDeleted,
  MessageUpdated,
  NamedRoom,
  SyncAnswer,
  WireBadge,
  WireMessage,
} from '@tally/protocol'
import type { AppClient } from '../../test-support/app-client.ts'

type Held = { text: string; deleted: boolean; change: number }
type Badge = { total: number | null; unreadRooms: number; notifications: number; rev: number }

/** What a client does with each event it can hear. */
type Hearing = Record<string, (payload: never) => void>

/**
 * A client as the protocol describes it: registers that only ever take something newer. It adds nothing up, so hearing
 * a thing twice, or by two ways, is hearing it once.
 */
export class RegisterClient {
  readonly rows = new Map<string, { unread: number; rev: number }>()
  badge: Badge | undefined
  /** The `since` of its next sync. */
  rev: number | undefined
  readonly #messages = new Map<string, Map<number, Held>>()
  readonly #changes = new Map<string, number>()
  readonly #hearing: Hearing = {
    'new-message': (message: WireMessage) => this.#newMessage(message),
    'message-updated': (update: MessageUpdated) => this.#updated(update),
    'message-deleted': ({ room_id, seq, change }: MessageDeleted) =>
      this.#replace(room_id, seq, { text: '', deleted: true, change }),
    'chat-room-updated': ({ roomId, unread_count: unread, rev }: ChatRoomUpdated) =>
      this.#row(roomId, { unread, rev }),
    'total-unread-count-updated': ({ totalUnreadCount: total, ...badge }: WireBadge) =>
      this.#total({ total, ...badge }),
  }

  /** Hears everything of this device from now on. */
  listenTo(device: AppClient): void {
    device.socket.onAny((event: string, payload: unknown) => this.hear(event, payload))
  }

  hear(event: string, payload: unknown): void {
    this.#hearing[event]?.(payload as never)
  }

  /** From now on it wants to know all of this room. */
  watch(roomId: string): void {
    this.#changes.set(roomId, 0)
  }

  /** The rooms to name in a sync, with the change up to which it has everything. */
  get named(): NamedRoom[] {
    return Array.from(this.#changes, ([roomId, change]) => ({ roomId, change }) as NamedRoom)
  }

  answer(answer: SyncAnswer): void {
    this.rev = answer.rev
    this.#total(answer.badge)
    for (const room of answer.rooms) {
      if ('left' in room) this.rows.delete(room.id)
      else this.#row(room.id, { unread: room.me.unread, rev: answer.rev })
    }
    for (const messages of Object.values(answer.messages)) {
      for (const message of messages) this.message(message)
    }
    for (const [roomId, change] of Object.entries(answer.changes)) {
      if (change > (this.#changes.get(roomId) ?? -1)) this.#changes.set(roomId, change)
    }
  }

  message({ roomId, seq, text, deletedAt, change }: Message): void {
    this.#replace(roomId, seq, { text, deleted: deletedAt !== undefined, change })
  }

  /** The messages of a room as they would be on its screen. */
  messagesOf(roomId: string): { seq: number; text: string; deleted: boolean }[] {
    const held = [...(this.#messages.get(roomId) ?? [])]
    return held
      .sort(([one], [other]) => one - other)
      .map(([seq, { text, deleted }]) => ({ seq, text, deleted }))
  }

  #newMessage({ room_id, seq, message: text, change }: WireMessage): void {
    this.#replace(room_id, seq, { text, deleted: false, change: change ?? 0 })
  }

  /** Of a message that it does not have, an edit alone is nothing to show: a sync brings both. */
  #updated({ room_id, seq, change, message: text }: MessageUpdated): void {
    const known = this.#messages.get(room_id)?.get(seq)
    if (known !== undefined && text !== undefined)
      this.#replace(room_id, seq, { text, deleted: false, change })
  }

  #replace(roomId: string, seq: number, held: Held): void {
    const messages = this.#messages.get(roomId) ?? new Map<number, Held>()
    this.#messages.set(roomId, messages)
    if (held.change >= (messages.get(seq)?.change ?? 0)) messages.set(seq, held)
  }

  #row(roomId: string, row: { unread: number; rev: number }): void {
    if (row.rev >= (this.rows.get(roomId)?.rev ?? -1)) this.rows.set(roomId, row)
  }

  #total(badge: Badge): void {
    if (badge.rev >= (this.badge?.rev ?? -1)) this.badge = badge
  }
}
