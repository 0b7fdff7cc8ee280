import type { Badge, Message, NamedRoom, Rev, Room, RoomId, SyncAnswer } from '@tally/protocol'
import { expect } from 'vitest'
import type { ActionContext, Caller } from '../../src/actions/context.ts'
import { listMessages } from '../../src/actions/list-messages.ts'
import { type Sync, sync } from '../../src/actions/sync.ts'

/** Applies sync answers as any client would: it knows nothing but what they say. */
export class SyncClient {
  readonly #ctx: ActionContext
  readonly #caller: Caller
  readonly rooms = new Map<RoomId, Room>()
  readonly messages = new Map<RoomId, Map<number, Message>>()
  readonly #changes = new Map<RoomId, NamedRoom['change']>()
  badge: Badge | undefined
  rev: Rev | undefined
  /** How often it had to start over. */
  fullSyncs = 0

  constructor(ctx: ActionContext, caller: Caller) {
    this.#ctx = ctx
    this.#caller = caller
  }

  /** One sync, all its pages. */
  async sync(): Promise<void> {
    const rooms = [...this.#changes].map(([roomId, change]) => ({ roomId, change }))
    let answer = await this.#ask({ since: this.rev, rooms })
    if (answer.full) {
      this.rooms.clear()
      this.fullSyncs += 1
    }
    this.#apply(answer)
    while (answer.next !== null) {
      answer = await this.#ask({ next: answer.next })
      this.#apply(answer)
    }
    this.rev = answer.rev
  }

  /** From now on it wants the messages of this room. */
  watch(roomId: RoomId): void {
    if (!this.#changes.has(roomId)) this.#changes.set(roomId, 0 as NamedRoom['change'])
  }

  /** Until there is nothing more to tell. */
  async settle(): Promise<void> {
    let before: string
    do {
      before = JSON.stringify([this.rev, [...this.#changes]])
      await this.sync()
    } while (JSON.stringify([this.rev, [...this.#changes]]) !== before)
  }

  /** What a person would see, without how far others got: reading and receiving change nothing that a sync tells. */
  picture() {
    const rooms = [...this.rooms.values()].map((room) => ({
      ...room,
      members: room.members.map(({ readSeq: _, deliveredSeq: __, ...member }) => member),
      me: { ...room.me, readSeq: undefined, readEpoch: undefined },
      updatedAt: undefined,
    }))
    return rooms.sort((one, other) => (one.id < other.id ? -1 : 1))
  }

  /** Everything a room has, as a list of its messages says. */
  async listed(roomId: RoomId): Promise<Message[]> {
    const items: Message[] = []
    let hasAfter = true
    while (hasAfter) {
      const after = items.at(-1)?.seq ?? 0
      const page = await listMessages(this.#ctx, this.#caller, { roomId, after, limit: 100 })
      items.push(...page.items)
      hasAfter = page.hasAfter
    }
    return items
  }

  messagesOf(roomId: RoomId): Message[] {
    return [...(this.messages.get(roomId)?.values() ?? [])].sort((one, other) => one.seq - other.seq)
  }

  async #ask(input: Sync): Promise<SyncAnswer> {
    return sync(this.#ctx, this.#caller, input)
  }

  #apply(answer: SyncAnswer): void {
    this.badge = answer.badge
    for (const room of answer.rooms) {
      if ('left' in room) this.rooms.delete(room.id)
      else this.rooms.set(room.id, room)
    }
    for (const [roomId, messages] of Object.entries(answer.messages)) {
      const known = this.messages.get(roomId as RoomId) ?? new Map<number, Message>()
      this.messages.set(roomId as RoomId, known)
      let change = 0
      for (const message of messages) {
        expect(message.change).toBeGreaterThan(change)
        change = message.change
        known.set(message.seq, message)
      }
    }
    for (const [roomId, change] of Object.entries(answer.changes)) this.#changes.set(roomId as RoomId, change)
  }
}
