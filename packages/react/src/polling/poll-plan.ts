import { pollDelayMs } from '@tally/client'

/** When the next poll of some data is due, and what that was decided by. */
export type PollPlan = {
  /** The answer it was made for: there is one plan for each, whoever asks. */
  readonly answeredAt: number
  readonly data: unknown
  /** When an answer last brought something else than the one before; `undefined` when none did. */
  readonly movedAt: number | undefined
  /** By what the interval is multiplied while the server is busy. */
  readonly stretch: number
  readonly delayMs: number
}

export type PollAnswer = {
  /** The same reference as before when nothing changed (TanStack Query's structural sharing sees to that). */
  data: unknown
  /** When it came, in ms of any clock. */
  answeredAt: number
  /** What the server asks for, if it does. */
  hintMs: number | undefined
  /** The server's load, from 0 to 1, if it tells it. */
  load: number | undefined
  /** From 0 to below 1. */
  random: number
}

const BUSY_LOAD = 0.8
const STRETCH = 1.5
const LONGEST_MS = 10_000

/**
 * 1 s, 2 s or 5 s after the activity of the data, or what the server asks for; one and a half times as long with every
 * answer that says that the server is over 80 % busy, up to 10 s, and as before with the first one that does not.
 */
export function planPoll(before: PollPlan | undefined, answer: PollAnswer): PollPlan {
  const { data, answeredAt, hintMs, load = 0, random } = answer
  const moved = before !== undefined && before.data !== data
  const movedAt = moved ? answeredAt : before?.movedAt
  const sinceMoveMs = movedAt === undefined ? Number.POSITIVE_INFINITY : answeredAt - movedAt
  const stretch = load > BUSY_LOAD ? (before?.stretch ?? 1) * STRETCH : 1
  const intervalMs = pollDelayMs({ hintMs, sinceMoveMs, random })
  // What the server asks for itself may be longer still.
  const delayMs = Math.max(intervalMs, Math.min(LONGEST_MS, intervalMs * stretch))
  return { answeredAt, data, movedAt, stretch, delayMs }
}
