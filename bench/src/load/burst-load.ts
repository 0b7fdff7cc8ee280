import { setTimeout as delay } from 'node:timers/promises'
import { ProcessorShare } from '../measure/processor-share.ts'
import { eventName, type Frame, isEvent, numberAt, WireSocket } from '../wire/wire-socket.ts'
import { openLoop } from './open-loop.ts'
import type { Pair } from './pairs-load.ts'
import { inBatches } from './people.ts'
import { serveLoad } from './serve-load.ts'

export type BurstJob = { url: string; pairs: readonly Pair[] }

/** What one person saw of a burst. */
export type BurstSeen = {
  /** From the first message's intended time to the first badge. */
  firstMs: number
  /** From the last message's intended time until the count was complete; NaN when no badge came. */
  lastMs: number
  /** Frames with the room's count, and all frames. */
  badgeFrames: number
  frames: number
  bytes: number
  isExact: boolean
}

/** One after the other, and what the generator was like meanwhile. */
export type BurstsSeen = { seen: BurstSeen[]; lagMs: Float64Array; processorShare: number }

const ROW = eventName('chat-room-updated')
const UNREAD = Buffer.from('"unread_count":')
const DEADLINE_MS = 10_000
/** Longer than any frame is held back: what comes later belongs to no burst. */
const QUIET_MS = 60

type Listener = { badgeFrames: number; frames: number; unread: number; firstAtMs: number; lastAtMs: number }

/** Many messages at once to one person, person after person. */
export class BurstLoad {
  readonly #pairs: { roomId: string; sender: WireSocket; receiver: WireSocket; listener: Listener }[] = []

  async open({ url, pairs }: BurstJob): Promise<void> {
    await inBatches(pairs, async ({ roomId, people: [from, to] }) => {
      const listener: Listener = { badgeFrames: 0, frames: 0, unread: 0, firstAtMs: 0, lastAtMs: 0 }
      const sender = await WireSocket.open({ url, token: from.token, onEvent: () => {} })
      const onEvent = (frame: Frame): void => listen(listener, frame)
      const receiver = await WireSocket.open({ url, token: to.token, onEvent })
      this.#pairs.push({ roomId, sender, receiver, listener })
    })
  }

  /** @param burst so many messages in so many milliseconds, to so many people. */
  async burst({
    messages,
    withinMs,
    people,
  }: {
    messages: number
    withinMs: number
    people: number
  }): Promise<BurstsSeen> {
    const seen: BurstSeen[] = []
    const lagMs: number[] = []
    const share = new ProcessorShare()
    for (const { roomId, sender, receiver, listener } of this.#pairs.slice(0, people)) {
      const before = { ...listener, bytes: receiver.receivedBytes }
      Object.assign(listener, { firstAtMs: Number.NaN, lastAtMs: Number.NaN })
      const expected = before.unread + messages
      let [startMs, endMs] = [0, 0]
      const lag = await openLoop(
        { perSecond: (messages * 1_000) / withinMs, seconds: withinMs / 1_000 },
        (index, intendedAtMs) => {
          if (index === 0) startMs = intendedAtMs
          endMs = intendedAtMs
          const message = {
            roomId,
            message: `message ${index} of a burst`,
            clientId: `${index}-${intendedAtMs}`,
          }
          sender.request('send-message', message, () => {})
        },
      )
      lagMs.push(...lag)
      const deadlineMs = performance.now() + DEADLINE_MS
      while (listener.unread < expected && performance.now() < deadlineMs) await delay(5)
      const { lastAtMs } = listener
      await delay(QUIET_MS)
      seen.push({
        firstMs: listener.firstAtMs - startMs,
        lastMs: lastAtMs - endMs,
        badgeFrames: listener.badgeFrames - before.badgeFrames,
        frames: listener.frames - before.frames,
        bytes: receiver.receivedBytes - before.bytes,
        isExact: listener.unread === expected,
      })
    }
    return { seen, lagMs: Float64Array.from(lagMs), processorShare: share.get() }
  }

  close(): void {
    for (const { sender, receiver } of this.#pairs) {
      sender.close()
      receiver.close()
    }
  }
}

function listen(listener: Listener, frame: Frame): void {
  listener.frames += 1
  if (!isEvent(frame, ROW)) return
  listener.badgeFrames += 1
  listener.unread = numberAt(frame, UNREAD) ?? listener.unread
  listener.lastAtMs = performance.now()
  if (Number.isNaN(listener.firstAtMs)) listener.firstAtMs = listener.lastAtMs
}

if (import.meta.main) serveLoad(new BurstLoad())
