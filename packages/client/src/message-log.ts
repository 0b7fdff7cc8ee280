import type { Change, Message, MessageDeleted, MessagePage, MessageUpdated, Seq } from '@tally/protocol'
import {
  type MessageRegister,
  mergeDeletion,
  mergeRegisters,
  mergeUpdate,
  registerOf,
} from './message-register.ts'
import { coveredBy, type PageQuery } from './page-coverage.ts'
import { type SeqRange, SeqRanges } from './seq-ranges.ts'

/** The part of the history that is on show. */
export type HistoryWindow = { messages: readonly Message[]; hasBefore: boolean; hasAfter: boolean }

/** Messages held of a room however far somebody scrolls, and however long somebody looks on: their memory is bounded. */
const MOST_HELD = 2_000

const EMPTY: HistoryWindow = { messages: [], hasBefore: false, hasAfter: false }

/**
 * The messages of one room that are held: registers keyed by seq, in stretches without holes, one of which is on show.
 *
 * It also knows up to which of the room's changes it has heard everything. The room's `change` is dense, so a missing
 * one is a frame that was lost (of a message, an edit, a reaction), and `isBehind` until it was fetched.
 */
export class MessageLog {
  readonly #registers = new Map<number, MessageRegister>()
  readonly #ranges = new SeqRanges()
  /** A place in the stretch on show. */
  #anchor: number | undefined
  #era = 0
  #headSeq = 0
  /** Every message above this place is held, as soon as it is heard of: none until the end of the room was loaded. */
  #tailSeq = Number.POSITIVE_INFINITY
  #knownChange: number | undefined
  /** Changes above the known one that were heard of: what lies between is missing. */
  readonly #ahead = new Set<number>()
  /** The highest change that was heard of. */
  #heardChange = 0
  /** Changes up to this one were heard of before the messages they are about were loaded: they have to be fetched. */
  #doubtfulChange = 0
  /** The room's change, as far as anybody said. */
  #roomChange = 0

  /** Rises with each `clear`: a page that was asked for before it belongs to what was forgotten. */
  get era(): number {
    return this.#era
  }

  /** Whether anything was loaded. */
  get isLoaded(): boolean {
    return this.#knownChange !== undefined
  }

  /** Everything up to this change was heard; what to name in a sync. `undefined`: nothing was loaded. */
  get knownChange(): Change | undefined {
    return this.#knownChange as Change | undefined
  }

  /** Whether something that happened in the room is missing here. */
  get isBehind(): boolean {
    if (this.#knownChange === undefined) return false
    const toHear = Math.max(this.#doubtfulChange, this.#roomChange)
    return this.#ahead.size > 0 || this.#knownChange < toHear || this.#lacksNewest
  }

  get(seq: Seq): Message | undefined {
    return this.#registers.get(seq)?.message
  }

  /** The newest message that is held. */
  get newest(): Message | undefined {
    const last = this.#ranges.last
    return last === undefined ? undefined : this.#registers.get(last.to)?.message
  }

  /** The stretch on show, oldest first. */
  window(): HistoryWindow {
    const range = this.shown
    if (range === undefined) return EMPTY
    const messages: Message[] = []
    for (let seq = range.from; seq <= range.to; seq++) {
      const register = this.#registers.get(seq)
      if (register !== undefined) messages.push(register.message)
    }
    return { messages, hasBefore: range.from > 0, hasAfter: range.to < this.#headSeq }
  }

  /** The stretch on show. */
  get shown(): SeqRange | undefined {
    return this.#anchor === undefined ? undefined : this.#ranges.containing(this.#anchor)
  }

  /** Shows the stretch around a place; false when it is not held. */
  showAround(seq: number): boolean {
    if (this.#ranges.containing(seq) === undefined) return false
    this.#anchor = seq
    return true
  }

  /** Shows the newest messages; false when they are not held. */
  showNewest(): boolean {
    return this.showAround(this.#headSeq)
  }

  /** Shows the newest of what is held: a newer message may have been heard of before it could be. */
  showLast(): void {
    this.#anchor = this.#ranges.last?.to
  }

  /** The room's last message is at least here. */
  noteHead(seq: number): void {
    this.#headSeq = Math.max(this.#headSeq, seq)
  }

  /** Something with this change happened in the room and was heard. */
  noteChange(change: number): void {
    this.#heardChange = Math.max(this.#heardChange, change)
    if (this.#knownChange === undefined || change <= this.#knownChange) return
    this.#ahead.add(change)
    this.#advance()
  }

  /**
   * The room is at this change, as its row in the list says: unless it is heard here by itself, it was missed.
   * @returns whether nobody said so before.
   */
  noteRoomChange(change: number): boolean {
    if (change <= this.#roomChange) return false
    this.#roomChange = change
    return true
  }

  applyPage(page: MessagePage, query: PageQuery): void {
    for (const message of page.items) this.#put(registerOf(message))
    const covered = coveredBy(page, query)
    if (covered !== undefined) {
      this.#ranges.add(covered)
      this.noteHead(page.hasAfter ? covered.to + 1 : covered.to)
      this.#anchor ??= covered.to
      if (!page.hasAfter) this.#tailSeq = Math.min(this.#tailSeq, covered.to)
    }
    this.#loadedAsOf(page.change)
  }

  /** A message that was just heard of, whichever way. */
  applyMessage(register: MessageRegister): void {
    const { seq, change } = register.message
    this.noteHead(seq)
    // Told late, after a page showed it: reactions that were taken off since it does not name.
    const known = this.#registers.get(seq)?.message
    if (known !== undefined && known.change < change && register.reactionsChange < change)
      this.#doubtfulChange = Math.max(this.#doubtfulChange, change)
    this.#hold(register)
    this.noteChange(change)
    this.#boundWhole()
  }

  /** Messages that changed after `since`, all of them up to `change`. */
  applySync({
    messages,
    since,
    change,
  }: {
    messages: readonly Message[]
    since: number
    change: number
  }): void {
    for (const message of messages) {
      this.noteHead(message.seq)
      this.#hold(registerOf(message))
    }
    const known = this.#knownChange
    // A page that was read earlier may have come meanwhile: then this answer begins too late, and something is missing.
    if (known === undefined || change <= known) return
    if (since > known) {
      this.noteRoomChange(change)
      return
    }
    this.#knownChange = change
    this.#heardChange = Math.max(this.#heardChange, change)
    this.#advance()
    this.#boundWhole()
  }

  applyUpdate(update: MessageUpdated): void {
    this.#change(update, (register) => mergeUpdate(register, update))
  }

  applyDeletion(deletion: MessageDeleted): void {
    this.#change(deletion, (register) => mergeDeletion(register, deletion))
  }

  /**
   * Forgets what is furthest from where somebody reads on, where there is too much: of the stretch on show its other end,
   * and all other stretches. What was forgotten is loaded again by whoever goes there.
   */
  bound(end: 'oldest' | 'newest', most = MOST_HELD): void {
    const range = this.shown
    if (range === undefined || this.#registers.size <= most) return
    const kept =
      end === 'oldest'
        ? { from: Math.max(range.from, range.to - most + 1), to: range.to }
        : { from: range.from, to: Math.min(range.to, range.from + most - 1) }
    const endSeq = Math.max(this.#ranges.last?.to ?? 0, this.#tailSeq)
    this.#keepOnly(kept)
    this.#anchor = end === 'oldest' ? kept.to : kept.from
    // Without the end of the room, what is said there is no part of anything that is held.
    this.#tailSeq = kept.to < endSeq ? Number.POSITIVE_INFINITY : kept.to
  }

  /** Forgets everything: too much was missed to be worth fetching. */
  clear(): void {
    this.#era++
    this.#registers.clear()
    this.#ranges.clear()
    this.#ahead.clear()
    this.#anchor = undefined
    this.#headSeq = 0
    this.#tailSeq = Number.POSITIVE_INFINITY
    this.#knownChange = undefined
    this.#heardChange = 0
    this.#doubtfulChange = 0
    this.#roomChange = 0
  }

  /** While something is missing its place is kept, too. */
  #boundWhole(): void {
    if (!this.isBehind) this.bound('oldest')
  }

  #keepOnly(kept: SeqRange): void {
    this.#ranges.keepOnly(kept)
    for (const seq of this.#registers.keys()) {
      if (seq < kept.from || seq > kept.to) this.#registers.delete(seq)
    }
  }

  get #lacksNewest(): boolean {
    if (this.#headSeq <= this.#tailSeq) return false
    const range = this.#ranges.containing(this.#tailSeq + 1)
    return range === undefined || range.to < this.#headSeq
  }

  /** Holds a message of a stretch, or a new one; others are loaded when they are shown. */
  #hold(register: MessageRegister): void {
    const { seq } = register.message
    if (this.#knownChange === undefined) return
    if (seq <= this.#tailSeq && this.#ranges.containing(seq) === undefined) return
    this.#ranges.add({ from: seq, to: seq })
    this.#put(register)
  }

  #put(register: MessageRegister): void {
    const { seq } = register.message
    const known = this.#registers.get(seq)
    this.#registers.set(seq, known === undefined ? register : mergeRegisters(known, register))
  }

  #change(
    { seq, change }: { seq: Seq; change: Change },
    merge: (register: MessageRegister) => MessageRegister,
  ): void {
    const known = this.#registers.get(seq)
    if (known !== undefined) {
      this.#registers.set(seq, merge(known))
      this.noteChange(change)
      return
    }
    // It overtook its message: heard of, and yet not applied to anything.
    if (seq > this.#tailSeq) this.#doubtfulChange = Math.max(this.#doubtfulChange, change)
    this.noteChange(change)
  }

  /**
   * A page came that was read at this change. Whatever was heard of since could not be applied to its messages, so it
   * has to be fetched: hearing of it was not enough.
   */
  #loadedAsOf(change: number): void {
    if (this.#heardChange > change) this.#doubtfulChange = this.#heardChange
    this.#heardChange = Math.max(this.#heardChange, change)
    this.#knownChange = Math.min(this.#knownChange ?? change, change)
    this.#advance()
  }

  #advance(): void {
    let known = this.#knownChange
    if (known === undefined) return
    if (known >= this.#doubtfulChange) while (this.#ahead.has(known + 1)) known++
    for (const change of this.#ahead) if (change <= known) this.#ahead.delete(change)
    this.#knownChange = known
  }
}
