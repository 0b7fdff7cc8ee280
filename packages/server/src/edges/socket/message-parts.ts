import type { RoomEvent } from '../../bus/frames.ts'
import { LazyMap } from '../../core/lazy-map.ts'

type Payload = RoomEvent['payload']

/** What was told last of one message: each part as an event carries it, with the change that it is of or a later one. */
type Told = { text?: Payload | undefined; reactions?: Payload | undefined; deletion?: RoomEvent }

/** More than change while frames of different nodes cross. */
const MOST_REMEMBERED = 50

/**
 * What was told last of the messages of a room that were edited, reacted to or deleted. Nodes tell of their own commits,
 * so frames about one message may cross; apps that do not look at `change` show what comes last, and must not get an
 * older text back, least of all the text of a message that is gone.
 */
export class MessageParts {
  readonly #told = new LazyMap<number, Told>()

  /**
   * The event as it is to be told: with a `change` of its own, and what was told before where that is newer.
   * @returns `undefined` when just that was told.
   */
  latest(event: RoomEvent): RoomEvent | undefined {
    const { seq, change } = event.payload
    if (typeof seq !== 'number' || typeof change !== 'number') return event
    const known = this.#told.get(seq) ?? {}
    const { deletion } = known
    if (deletion !== undefined && change <= Number(deletion.payload['change']))
      return againWith(deletion, change)
    // What comes after a deletion is told by a database that has lost it.
    const told = deletion === undefined ? known : {}
    if (event.event === 'message-deleted') this.#remember(seq, { deletion: event })
    if (event.event !== 'message-updated') return event
    const { message, edited_at, reactions, ...place } = event.payload
    const text = message === undefined ? undefined : newerOf(told.text, { message, edited_at, change })
    const reacted = reactions === undefined ? undefined : newerOf(told.reactions, { reactions, change })
    const parts = [
      { part: text, before: told.text },
      { part: reacted, before: told.reactions },
    ].filter(({ part }) => part !== undefined)
    const isTold = parts.every(({ before }) => before?.['change'] === change)
    if (parts.length > 0 && isTold) return undefined
    this.#remember(seq, { text: text ?? told.text, reactions: reacted ?? told.reactions })
    return { ...event, payload: { ...text, ...reacted, ...place } }
  }

  #remember(seq: number, told: Told): void {
    this.#told.delete(seq)
    this.#told.set(seq, told)
    if (this.#told.size <= MOST_REMEMBERED) return
    const [oldest] = this.#told.keys()
    if (oldest !== undefined) this.#told.delete(oldest)
  }
}

function newerOf(told: Payload | undefined, next: Payload): Payload {
  return told !== undefined && Number(told['change']) > Number(next['change']) ? told : next
}

/** Late word of a message that is gone. */
function againWith({ payload, ...deletion }: RoomEvent, change: number): RoomEvent | undefined {
  return payload['change'] === change ? undefined : { ...deletion, payload: { ...payload, change } }
}
