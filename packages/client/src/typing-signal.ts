import { CLIENT_LIMITS } from '@tally/protocol'
import { Timer } from './timer.ts'

/** Often enough that the others never see a pause, rarely enough not to be a keystroke logger. */
const REPEAT_MS = CLIENT_LIMITS.typingTtlMs / 2

/** Turns keystrokes into the few signals that are worth sending: the first, one every few seconds, and the end. */
export class TypingSignal {
  readonly #send: (typing: boolean) => void
  readonly #nowMs: () => number
  #saidAtMs: number | undefined
  readonly #stopping = new Timer()

  constructor({ send, nowMs }: { send: (typing: boolean) => void; nowMs: () => number }) {
    this.#send = send
    this.#nowMs = nowMs
  }

  /** Somebody types now, or has stopped. May be called with every key. */
  set(typing: boolean): void {
    this.#stopping.clear()
    if (!typing) {
      if (this.#saidAtMs !== undefined) this.#send(false)
      this.#saidAtMs = undefined
      return
    }
    // A person who stops without a word (looks away, a dialog opens) has stopped all the same.
    this.#stopping.set(CLIENT_LIMITS.typingTtlMs, () => this.set(false))
    const nowMs = this.#nowMs()
    if (this.#saidAtMs !== undefined && nowMs - this.#saidAtMs < REPEAT_MS) return
    this.#saidAtMs = nowMs
    this.#send(true)
  }

  /** The connection is gone, and with it what was said over it. */
  forget(): void {
    this.#stopping.clear()
    this.#saidAtMs = undefined
  }
}
