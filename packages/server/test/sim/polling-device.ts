import type { Badge, Change, MessageId, Rev, RoomId, UserId } from '@tally/protocol'
import type { Caller } from '../../src/actions/context.ts'
import { pollRoom } from '../../src/actions/poll-room.ts'
import { pollSync } from '../../src/actions/poll-sync.ts'
import type { Journal } from './journal.ts'
import { attempt } from './simulated-device.ts'
import type { SimulatedNode } from './simulated-node.ts'

export type PollingOptions = {
  readonly userId: UserId
  readonly journal: Journal
  readonly findNode: () => SimulatedNode | undefined
}

/** Where there is no answer to say when to ask again. */
const RETRY_MS = 2_000
/** The answer of a node that was killed never comes. */
const TIMEOUT_MS = 10_000

/** A web page without a socket: it asks again and again, each time another node, and believes the last answer. */
export class PollingDevice {
  readonly userId: UserId
  readonly unread = new Map<RoomId, number>()
  badge: Badge | undefined
  readonly #options: PollingOptions
  #asked = 0
  #since: Rev | undefined
  #screen: { roomId: RoomId; after?: MessageId; screenEpoch?: number } | undefined

  constructor(options: PollingOptions) {
    this.#options = options
    this.userId = options.userId
    this.#poll()
  }

  /** Which room is on its screen from now on. */
  show(roomId: RoomId | undefined): void {
    this.#screen = roomId === undefined ? undefined : { roomId }
  }

  #poll(): void {
    const node = this.#options.findNode()
    const asked = node === undefined ? Promise.resolve(RETRY_MS) : this.#ask(node)
    attempt(asked, this.#options.journal)
    const timeout = new Promise<number>((resolve) => setTimeout(() => resolve(RETRY_MS), TIMEOUT_MS))
    const nextMs = Promise.race([asked.catch(() => RETRY_MS), timeout])
    void nextMs.then((ms) => setTimeout(() => this.#poll(), ms))
  }

  /** @returns when to ask again. */
  async #ask({ ctx }: SimulatedNode): Promise<number> {
    const caller: Caller = { userId: this.userId }
    const asked = ++this.#asked
    const screen = this.#screen
    if (screen !== undefined) {
      const { messages, screenEpoch } = await pollRoom(ctx, caller, screen)
      const after = messages.at(-1)?.message.id
      // Another room may have come onto the screen meanwhile.
      if (this.#screen === screen)
        this.#screen = { ...screen, screenEpoch, ...(after === undefined ? {} : { after }) }
    }
    const rooms = screen === undefined ? [] : [{ roomId: screen.roomId, change: 0 as Change }]
    const polled = await pollSync(ctx, caller, { since: this.#since, rooms })
    // Whoever gave up waiting for an answer does not want it any more.
    if (polled.kind === 'unmoved' || asked !== this.#asked) return RETRY_MS
    let { answer } = polled
    const { rev, nextPollMs } = answer
    if (answer.full) this.unread.clear()
    for (;;) {
      for (const room of answer.rooms) {
        if ('left' in room) this.unread.delete(room.id)
        else this.unread.set(room.id, room.me.unread)
      }
      this.badge = answer.badge
      if (answer.next === null) break
      const page = await pollSync(ctx, caller, { next: answer.next })
      if (page.kind === 'unmoved') break
      answer = page.answer
    }
    this.#since = rev
    return nextPollMs
  }
}
