import type { RoomId, UserId } from '@tally/protocol'
import type { Frame, RoomRow } from '../../bus/frames.ts'
import { Coalescer, type CoalescerLimits } from '../../core/coalescer.ts'
import { LazyMap } from '../../core/lazy-map.ts'
import type { BadgeValue } from '../../core/ledger-step.ts'
import { RevGate } from '../../core/rev-gate.ts'
import { type BadgeDevice, BadgeOutlet, sameNumbers } from './badge-outlet.ts'
import { type OutgoingRow, putNewer } from './outgoing-row.ts'

type UserFrame = Extract<Frame, { kind: 'user' }>

/** What leaves together: each row's latest value, and the badge they add up to. */
type Update = { rows: Map<RoomId, OutgoingRow>; badge: BadgeValue }

export type BadgeSenderOptions = {
  limits: CoalescerLimits
  /** Monotonic milliseconds. */
  nowMs: () => number
  /** Told of each row that was written to a device. */
  onSent: (sent: OutgoingRow) => void
}

/** Badges of everybody connected to this node: few frames of many changes, on all of a person's devices alike. */
export class BadgeSender {
  readonly #options: BadgeSenderOptions
  readonly #people = new Map<UserId, PersonBadges>()
  /** One for all of them: thousands are connected. */
  readonly #onGone = (userId: UserId): boolean => this.#people.delete(userId)

  constructor(options: BadgeSenderOptions) {
    this.#options = options
  }

  /** A device of this person; it gets nothing before its outlet is started, and misses nothing either. */
  attach(userId: UserId, device: BadgeDevice): BadgeOutlet {
    let person = this.#people.get(userId)
    if (person === undefined) {
      person = new PersonBadges(userId, this.#options, this.#onGone)
      this.#people.set(userId, person)
    }
    const outlet = new BadgeOutlet({ device, onSent: this.#options.onSent, person })
    person.add(outlet)
    return outlet
  }

  /** From this rev on every frame about this person comes here. */
  begin(userId: UserId, rev: number): void {
    this.#people.get(userId)?.begin(rev)
  }

  frame(frame: UserFrame): void {
    this.#people.get(frame.userId)?.frame(frame)
  }
}

/** Longer than a node takes that is merely busy, or that has to look rows up: what has not come by then was lost. */
const CROSSED_FRAMES_WAIT_MS = 500

/**
 * Of a person who stays connected for days in thousands of busy rooms: an older row that was held up on the way comes
 * within moments, not after so many other rooms.
 */
const REMEMBERED_ROWS = 500

/** What is told about a person, and where it belongs among the rest. */
type News = Pick<UserFrame, 'badge' | 'rooms' | 'urgent'>

class PersonBadges {
  readonly #userId: UserId
  readonly #options: BadgeSenderOptions
  readonly #onGone: (userId: UserId) => void
  /** Seldom more than one. */
  #outlets: readonly BadgeOutlet[] = []
  readonly #coalescer: Coalescer<Update>
  /**
   * The newest of each row that came by: an older one that was held up on the way is dropped, and so is the same again.
   * Once there are many, the one that came by last stands last.
   */
  readonly #newest = new LazyMap<RoomId, RoomRow>()
  readonly #gate = new RevGate<{ since: number; rev: number; news: News }>(CROSSED_FRAMES_WAIT_MS)
  #badge: BadgeValue | undefined
  #timer: NodeJS.Timeout | undefined
  #gateTimer: NodeJS.Timeout | undefined
  #waiting: { rev: number; resolve: () => void }[] = []

  /** @param onGone told when the last device is gone. */
  constructor(userId: UserId, options: BadgeSenderOptions, onGone: (userId: UserId) => void) {
    this.#userId = userId
    this.#options = options
    this.#onGone = onGone
    this.#coalescer = new Coalescer(options.limits, merge)
  }

  add(outlet: BadgeOutlet): void {
    this.#outlets = this.#outlets.concat(outlet)
  }

  remove(outlet: BadgeOutlet): void {
    this.#outlets = this.#outlets.filter((one) => one !== outlet)
    if (this.#outlets.length > 0) return
    clearTimeout(this.#timer)
    clearTimeout(this.#gateTimer)
    for (const { resolve } of this.#waiting.splice(0)) resolve()
    this.#onGone(this.#userId)
  }

  begin(rev: number): void {
    this.#passOn(this.#gate.begin(rev))
  }

  frame({ since, ...news }: Pick<UserFrame, 'since'> & News): void {
    this.#passOn(this.#gate.accept({ since, rev: news.badge.rev, news }, this.#options.nowMs()))
  }

  /** Resolves when everything up to this rev was told here, or does not come. */
  caughtUp(rev: number): Promise<void> {
    if (rev <= this.#gate.passedRev) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CROSSED_FRAMES_WAIT_MS)
      this.#waiting.push({
        rev,
        resolve: () => {
          clearTimeout(timer)
          resolve()
        },
      })
    })
  }

  flush(badge: BadgeValue): void {
    this.tell({ badge, rooms: [], urgent: true })
  }

  tell({ badge, rooms, urgent }: News): void {
    const nowMs = this.#options.nowMs()
    const rows = new Map<RoomId, OutgoingRow>()
    for (const row of rooms) {
      const newest = this.#newest.get(row.roomId)
      if (newest !== undefined && row.rev <= newest.rev) continue
      this.#remember(row)
      if (newest === undefined || !saysTheSame(row, newest)) rows.set(row.roomId, outgoing(row, nowMs))
    }
    const known = this.#badge
    const newest = known === undefined || badge.rev > known.rev ? badge : known
    this.#badge = newest
    const isNews = rows.size > 0 || (known !== undefined && !sameNumbers(known, newest))
    // What connecting tells, and the touch repeats every few seconds, must not make the next real change wait.
    if (isNews || urgent) this.#leave(this.#coalescer.offer({ rows, badge: newest }, { nowMs, urgent }))
    else if (this.#coalescer.dueAtMs === undefined) this.#offer({ rows, badge: newest })
  }

  #remember(row: RoomRow): void {
    if (this.#newest.size >= REMEMBERED_ROWS) this.#newest.delete(row.roomId)
    this.#newest.set(row.roomId, row)
    if (this.#newest.size <= REMEMBERED_ROWS) return
    const [leastRecent] = this.#newest.keys()
    if (leastRecent !== undefined) this.#newest.delete(leastRecent)
  }

  #passOn(passed: readonly { news: News }[]): void {
    for (const { news } of passed) this.tell(news)
    if (this.#waiting.length > 0) this.#answerWaiting()
    const { dueAtMs } = this.#gate
    clearTimeout(this.#gateTimer)
    if (dueAtMs === undefined) return
    const waitMs = Math.max(1, Math.ceil(dueAtMs - this.#options.nowMs()))
    this.#gateTimer = setTimeout(() => this.#passOn(this.#gate.due(this.#options.nowMs())), waitMs)
  }

  #answerWaiting(): void {
    const { passedRev } = this.#gate
    const waiting = this.#waiting
    this.#waiting = waiting.filter(({ rev }) => rev > passedRev)
    for (const { rev, resolve } of waiting) if (rev <= passedRev) resolve()
  }

  #offer({ rows, badge }: Update): void {
    for (const outlet of this.#outlets) outlet.offer(rows.values(), badge)
  }

  #leave(update: Update | undefined): void {
    if (update !== undefined) this.#offer(update)
    const { dueAtMs } = this.#coalescer
    clearTimeout(this.#timer)
    if (dueAtMs === undefined) return
    const waitMs = Math.max(1, Math.ceil(dueAtMs - this.#options.nowMs()))
    this.#timer = setTimeout(() => this.#leave(this.#coalescer.due(this.#options.nowMs())), waitMs)
  }
}

function merge(held: Update, next: Update): Update {
  for (const row of next.rows.values()) putNewer(held.rows, row)
  return { rows: held.rows, badge: next.badge }
}

function saysTheSame(one: RoomRow, other: RoomRow): boolean {
  return (
    one.unreadCount === other.unreadCount &&
    one.change === other.change &&
    one.lastSeq === other.lastSeq &&
    one.lastMessage === other.lastMessage &&
    one.muted === other.muted &&
    one.archived === other.archived &&
    one.left === other.left
  )
}

function outgoing(row: UserFrame['rooms'][number], nowMs: number): OutgoingRow {
  if (row.timing === undefined) return { row }
  const { edgeMs, commitMs, ledgerMs } = row.timing
  return { row, acceptedAtMs: nowMs - edgeMs - commitMs - ledgerMs }
}
