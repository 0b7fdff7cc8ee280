import type { Badge, RoomId } from '@tally/protocol'
import { LazyMap } from '../../core/lazy-map.ts'
import type { BadgeValue } from '../../core/ledger-step.ts'
import { warmOf } from '../../core/user-entry.ts'
import type { Connection } from './connection.ts'
import { type OutgoingRow, putNewer } from './outgoing-row.ts'
import { wireBadge, wireRow } from './wire-shapes.ts'

/** What an outlet has to know of the device that it writes to. */
export type BadgeDevice = {
  readonly connection: Pick<Connection, 'isCongested' | 'send'>
  /** Whether this device shows the room right now: its row is then kept back. */
  isOpen(roomId: RoomId): boolean
}

type BadgeOutletOptions = {
  device: BadgeDevice
  /** Told of each row that was written. */
  onSent: (sent: OutgoingRow) => void
  /** All devices of whom it belongs to. */
  person: {
    /** Resolves when everything up to this rev was told to them, or does not come. */
    caughtUp(rev: number): Promise<void>
    /** Sends what waits for them, so that rows do not come after the total they are part of. */
    flush(badge: BadgeValue): void
    remove(outlet: BadgeOutlet): void
  }
}

/** How soon to look again whether a reader that fell behind has caught up. */
const CONGESTED_RETRY_MS = 50

/**
 * The badge as one device gets it: rows first, then the total they add up to. What cannot go out yet is kept as its
 * latest value only: until the device is ready, while it reads too slowly, and for rows while it has their room open.
 */
export class BadgeOutlet {
  readonly #options: BadgeOutletOptions
  readonly #rows = new LazyMap<RoomId, OutgoingRow>()
  #next: BadgeValue | undefined
  #sent: BadgeValue | undefined
  #hasStarted = false
  #retry: NodeJS.Timeout | undefined

  constructor(options: BadgeOutletOptions) {
    this.#options = options
  }

  /** The device learned who it speaks for, for the first time or again: it gets the badge, whatever it had. */
  start(): void {
    this.#hasStarted = true
    this.#next ??= this.#sent
    this.#sent = undefined
    this.#flush()
  }

  /** Absolute values. What is older than what waits takes no place of it; a badge older than the last one is not sent. */
  offer(rows: Iterable<OutgoingRow>, badge: BadgeValue): void {
    for (const outgoing of rows) putNewer(this.#rows, outgoing)
    if (badge.rev > this.#newest) this.#next = badge
    this.#flush()
  }

  /**
   * Sends the badge although it may be what the device has already: it asked. What the other nodes still have to tell
   * goes out before.
   * @returns what was sent, which is newer than `badge` where a newer one is known.
   */
  async answer(badge: BadgeValue): Promise<BadgeValue> {
    await this.#options.person.caughtUp(badge.rev)
    const known = this.#next ?? this.#sent
    const newest = known !== undefined && known.rev > badge.rev ? known : badge
    this.#sent = undefined
    this.#next = newest
    this.#options.person.flush(newest)
    return newest
  }

  /** The device learned a badge from an answer: what was sent before is no longer what it shows. */
  answered({ total, ...badge }: Badge): void {
    const isSent = this.#sent !== undefined && total !== null && sameNumbers({ ...badge, total }, this.#sent)
    if (!isSent) this.#sent = undefined
  }

  /** Rooms may have been closed on this device: the rows kept back for that go out. */
  releaseRows(): void {
    if (this.#rows.size > 0) this.#flush()
  }

  detach(): void {
    clearTimeout(this.#retry)
    this.#rows.clear()
    this.#options.person.remove(this)
  }

  get #newest(): number {
    return (this.#next ?? this.#sent)?.rev ?? -1
  }

  #flush(): void {
    if (!this.#hasStarted) return
    const { device, onSent } = this.#options
    const { connection } = device
    if (connection.isCongested) {
      this.#retryLater()
      return
    }
    for (const [roomId, outgoing] of this.#rows) {
      if (device.isOpen(roomId)) continue
      this.#rows.delete(roomId)
      connection.send('chat-room-updated', wireRow(outgoing.row))
      onSent(outgoing)
    }
    const next = this.#next
    this.#next = undefined
    if (next === undefined) return
    // Of a rebuilt ledger a device has to know, whatever the number: rows may have changed untold.
    const isKnown =
      this.#sent !== undefined && sameNumbers(next, this.#sent) && warmOf(next.rev) === warmOf(this.#sent.rev)
    this.#sent = next
    if (!isKnown) connection.send('total-unread-count-updated', wireBadge(next))
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      this.#flush()
    }, CONGESTED_RETRY_MS)
  }
}

export function sameNumbers(one: BadgeValue, other: BadgeValue): boolean {
  return (
    one.total === other.total &&
    one.unreadRooms === other.unreadRooms &&
    one.notifications === other.notifications
  )
}
