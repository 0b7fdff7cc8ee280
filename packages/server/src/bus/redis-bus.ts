import type { NodeId } from '../core/ledger-step.ts'
import type { OpenedRedis } from '../redis/open-redis.ts'
import type { Bus, FrameHandler } from './bus.ts'
import type { Frame } from './frames.ts'
import { RedisChannels } from './redis-channels.ts'

export type RedisBusOptions = {
  readonly redis: OpenedRedis
  readonly nodeId: NodeId
  /** Begins every channel: installations that share a Redis have one each. */
  readonly prefix: string
  /** Told of what could not be published, subscribed to or understood. Frames are absolute, so nothing else is done. */
  readonly onError: (error: unknown) => void
  /** Told when this node hears the others again: what they said in between went past it. */
  readonly onGap?: () => void
  /** Told of every publish, for metrics: how many frames it carried, and whether Redis took them. */
  readonly onPublished?: (published: { frames: number; ok: boolean }) => void
}

/** What one publish carries. `asks`: whoever hears it answers by one that `answers`. */
type Envelope = {
  readonly from: NodeId
  readonly frames: readonly Frame[]
  readonly asks?: true
  readonly answers?: true
}

/** How long a node that comes waits for the others to say that they know of it; an older version never does. */
const KNOWN_WITHIN_MS = 500

/**
 * Frames over Redis: a channel per node, and one for all. What this node's own handlers get never goes through Redis and
 * never waits for it. Everything that one turn of the event loop has for a target leaves in one publish; one that fails
 * is dropped.
 *
 * A node that is alone publishes nothing to all but that it lives: Redis says with every publish how many heard it. One
 * that comes asks first, and is ready when all who listen answered: from then on nobody takes itself to be alone.
 */
export class RedisBus implements Bus {
  readonly nodeId: NodeId
  readonly #options: RedisBusOptions
  readonly #channels: RedisChannels
  /** How everything begins that this node publishes. */
  readonly #ownEnvelope: string
  readonly #handlers = new Set<FrameHandler>()
  /** Frames of this turn, by channel. */
  #waiting = new Map<string, Frame[]>()
  readonly #publishing = new Set<Promise<void>>()
  /** Nobody else heard the last publish to all, and nobody was heard since. */
  #isAlone = false
  /** How often another node was heard. */
  #heard = 0
  #introduced: Promise<void> | undefined
  #onAnswer: () => void = () => {}
  #isClosed = false

  constructor(options: RedisBusOptions) {
    const { redis, nodeId, onError, onGap = () => {} } = options
    this.nodeId = nodeId
    this.#options = options
    this.#ownEnvelope = `{"from":${JSON.stringify(nodeId)},`
    this.#channels = new RedisChannels({
      redis,
      channels: [this.#channelOf('all'), this.#channelOf(nodeId)],
      onMessage: (text) => this.#received(text),
      onResubscribed: () => {
        // The others may have taken themselves to be alone meanwhile.
        this.#introduced = this.#introduce()
        onGap()
      },
      onError,
    })
  }

  /** Resolves when frames leave for other nodes and theirs arrive here; rejects when that is not so in time. */
  async untilReady(deadlineMs: number): Promise<void> {
    const { redis } = this.#options
    await Promise.all([redis.untilReady(deadlineMs), this.#channels.untilSubscribed(deadlineMs)])
    this.#introduced ??= this.#introduce()
    await this.#introduced
  }

  send(nodes: readonly NodeId[] | 'all', frames: readonly Frame[]): void {
    if (frames.length === 0 || this.#isClosed) return
    const targets = nodes === 'all' ? (['all'] as const) : nodes.filter((node) => node !== this.nodeId)
    for (const target of targets) this.#enqueue(this.#channelOf(target), frames)
    if (nodes === 'all' || nodes.includes(this.nodeId)) this.#deliver(frames)
  }

  onFrames(handler: FrameHandler): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  /** What was sent before leaves first. */
  async close(): Promise<void> {
    this.#publishWaiting()
    this.#isClosed = true
    this.#handlers.clear()
    await Promise.all(this.#publishing)
    this.#channels.close()
  }

  #channelOf(target: NodeId): string {
    const { prefix } = this.#options
    return target === 'all' ? `${prefix}bus:all` : `${prefix}bus:node:${target}`
  }

  #deliver(frames: readonly Frame[]): void {
    for (const handler of this.#handlers) handler(frames)
  }

  #enqueue(channel: string, frames: readonly Frame[]): void {
    if (this.#waiting.size === 0) setImmediate(() => this.#publishWaiting())
    const waiting = this.#waiting.get(channel)
    if (waiting === undefined) this.#waiting.set(channel, [...frames])
    else for (const frame of frames) waiting.push(frame)
  }

  #publishWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = new Map()
    for (const [channel, frames] of waiting) {
      if (this.#isForNobody(channel, frames)) continue
      const publishing = this.#publish(channel, frames).finally(() => this.#publishing.delete(publishing))
      this.#publishing.add(publishing)
    }
  }

  #isForNobody(channel: string, frames: readonly Frame[]): boolean {
    if (!this.#isAlone || channel !== this.#channelOf('all')) return false
    return !frames.some(({ kind }) => kind === 'node-alive')
  }

  /** Resolves when every other node knows that this one listens, or does not say so in time. */
  async #introduce(): Promise<void> {
    this.#isAlone = false
    try {
      const { promise: known, resolve } = Promise.withResolvers<void>()
      let answers = 0
      let wanted = Number.POSITIVE_INFINITY
      this.#onAnswer = () => {
        answers += 1
        if (answers >= wanted) resolve()
      }
      wanted = (await this.#publishNow('all', { asks: true })) ?? 0
      if (answers >= wanted) return
      const timer = setTimeout(resolve, KNOWN_WITHIN_MS)
      await known
      clearTimeout(timer)
    } catch (error) {
      this.#introduced = undefined
      this.#options.onError(error)
    }
  }

  #publishNow(target: NodeId | 'all', more: Pick<Envelope, 'asks' | 'answers'>): Promise<number | undefined> {
    const envelope: Envelope = { from: this.nodeId, frames: [], ...more }
    return this.#channels.publish(this.#channelOf(target), JSON.stringify(envelope))
  }

  async #publish(channel: string, frames: readonly Frame[]): Promise<void> {
    const { onError, onPublished, nodeId } = this.#options
    const heardBefore = this.#heard
    let ok = true
    try {
      const text = JSON.stringify({ from: nodeId, frames } satisfies Envelope)
      const others = await this.#channels.publish(channel, text)
      // What another node says may overtake this answer, because it comes on another connection.
      if (channel === this.#channelOf('all')) this.#isAlone = others === 0 && this.#heard === heardBefore
    } catch (error) {
      ok = false
      onError(error)
    }
    onPublished?.({ frames: frames.length, ok })
  }

  /** Nodes trust each other; but a newer one may say what this one does not understand. */
  #received(text: string): void {
    // What this node sent to all comes back to it, too: that is seen without reading it all.
    if (text.startsWith(this.#ownEnvelope)) return
    this.#isAlone = false
    this.#heard += 1
    try {
      const { from, frames, asks, answers } = JSON.parse(text) as Envelope
      if (asks) this.#publishNow(from, { answers: true }).catch(this.#options.onError)
      if (answers) this.#onAnswer()
      if (frames.length > 0) this.#deliver(frames)
    } catch (error) {
      this.#options.onError(error)
    }
  }
}
