import { Cluster, type Redis } from 'ioredis'
import type { OpenedRedis } from '../redis/open-redis.ts'

export type RedisChannelsOptions = {
  readonly redis: OpenedRedis
  /** To be subscribed to, for as long as it is open. */
  readonly channels: readonly string[]
  readonly onMessage: (text: string) => void
  /** Told when they are subscribed to again: what was published in between went past. */
  readonly onResubscribed: () => void
  readonly onError: (error: unknown) => void
}

/** How soon to try again where a subscription failed though Redis is there. */
const RETRY_AFTER_MS = 250

/**
 * Publishes to channels and subscribes to some, anew whenever Redis is back. On a cluster they are sharded channels:
 * each lives on one of its servers, instead of every message going to all of them.
 */
export class RedisChannels {
  readonly #options: RedisChannelsOptions
  readonly #client: Redis | Cluster
  /** A connection that subscribes can do nothing else. A cluster has such connections of its own. */
  readonly #subscriber: Redis | Cluster
  #listening = Promise.withResolvers<void>()
  #isListening = false
  #hasListened = false
  #retry: NodeJS.Timeout | undefined
  #isClosed = false
  readonly #subscribe = (): void => void this.#subscribeToAll()
  readonly #noteDeaf = (): void => {
    if (!this.#isListening) return
    this.#isListening = false
    this.#listening = Promise.withResolvers<void>()
  }
  /** A cluster's connections come and go, and channels move between them; it says so when it has sorted that out. */
  readonly #subscribeAnew = (): void => {
    this.#noteDeaf()
    this.#subscribe()
  }
  /** Who only listens sends nothing, and would not notice that nobody is at the other end any more. */
  readonly #listenAnew = (): void => {
    this.#noteDeaf()
    if (this.#subscriber.status === 'ready') this.#subscriber.disconnect(true)
  }
  readonly #receive = (_: string, text: string): void => {
    if (!this.#isClosed) this.#options.onMessage(text)
  }

  constructor(options: RedisChannelsOptions) {
    const { redis, onError } = options
    this.#options = options
    this.#client = redis.client
    if (this.#client instanceof Cluster) {
      this.#subscriber = this.#client
      this.#client.on('smessage', this.#receive)
      this.#client.on('subscribersReady', this.#subscribeAnew)
    } else {
      this.#subscriber = this.#client.duplicate({ autoResubscribe: false })
      this.#subscriber.on('message', this.#receive)
      this.#subscriber.on('error', onError)
      this.#client.on('close', this.#listenAnew)
    }
    this.#subscriber.on('close', this.#noteDeaf)
    this.#subscriber.on('ready', this.#subscribe)
    if (this.#subscriber.status === 'ready') this.#subscribe()
  }

  /** Resolves as soon as the channels are subscribed to; rejects when that is not so in time. */
  async untilSubscribed(deadlineMs: number): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new Error(`no subscription to Redis within ${deadlineMs} ms`)),
      deadlineMs,
    )
    await Promise.race([this.#listening.promise, late]).finally(() => clearTimeout(timer))
  }

  /**
   * @returns how many others got it, of a channel that this one is subscribed to; `undefined` where that cannot be told: on
   * a cluster, where they listen at several servers, and while this one's own subscription is away.
   * @throws what the connection fails with: nothing waits for a Redis that is away.
   */
  async publish(channel: string, text: string): Promise<number | undefined> {
    if (this.#client instanceof Cluster) {
      await this.#client.spublish(channel, text)
      return undefined
    }
    const listeners = await this.#client.publish(channel, text)
    return this.#isListening ? listeners - 1 : undefined
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#subscriber.off('ready', this.#subscribe)
    if (this.#subscriber instanceof Cluster) {
      this.#subscriber.off('smessage', this.#receive)
      this.#subscriber.off('subscribersReady', this.#subscribeAnew)
      this.#subscriber.off('close', this.#noteDeaf)
      // The connections are shared with others on this client; a failure leaves a channel that nobody listens to.
      for (const channel of this.#options.channels) this.#subscriber.sunsubscribe(channel).catch(() => {})
    } else {
      this.#client.off('close', this.#listenAnew)
      this.#subscriber.disconnect()
    }
  }

  #noteListening(): void {
    const isAgain = this.#hasListened && !this.#isListening
    this.#hasListened = true
    this.#isListening = true
    this.#listening.resolve()
    if (isAgain) this.#options.onResubscribed()
  }

  async #subscribeToAll(): Promise<void> {
    clearTimeout(this.#retry)
    if (this.#isClosed) return
    const { channels, onError } = this.#options
    try {
      const subscriber = this.#subscriber
      // Sharded channels of one call would have to live on one server.
      if (subscriber instanceof Cluster)
        await Promise.all(channels.map((name) => subscriber.ssubscribe(name)))
      else await subscriber.subscribe(...channels)
      this.#noteListening()
    } catch (error) {
      if (this.#isClosed) return
      onError(error)
      this.#retry = setTimeout(this.#subscribe, RETRY_AFTER_MS)
    }
  }
}
