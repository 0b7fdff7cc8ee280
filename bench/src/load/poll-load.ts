import { setTimeout as delay } from 'node:timers/promises'
import { ProcessorShare } from '../measure/processor-share.ts'
import { HttpConnection } from '../wire/http-connection.ts'
import { isOk, WireSocket } from '../wire/wire-socket.ts'
import { DueNews } from './due-news.ts'
import { openLoop } from './open-loop.ts'
import { inBatches, type Person } from './people.ts'
import { serveLoad } from './serve-load.ts'

/** @param writers each shares a room with some of the clients, in turn: the k-th client's room is `rooms[k]`. */
export type PollJob = {
  url: string
  clients: readonly Person[]
  writers: readonly Person[]
  rooms: readonly string[]
}

/**
 * @param changed the share of polls before which the client got a message.
 * @param forgetful whether clients do not say what they have, so that no poll is answered from what is remembered.
 */
export type PollStep = { perSecond: number; seconds: number; changed: number; forgetful?: boolean }

export type PollSeen = {
  /** From the intended poll to its answer. */
  pollMs: Float64Array
  lagMs: Float64Array
  unchanged: number
  answered: number
  failed: number
  nextPollMs: number
  processorShare: number
} & News

/** What became of the messages that clients were to hear of. */
type News = {
  newsSent: number
  /** Neither accepted nor refused in time counts as refused. */
  newsRefused: number
  /** Polls whose answer said less than what had been accepted for the client a while before. */
  newsMissed: number
}

type Client = {
  http: HttpConnection
  rev: number
  etag: string | undefined
  /** What the last answer said is unread, and what it has to say at least. */
  total: number
  news: DueNews
}

/** How long before a poll the message that it brings is sent. */
const AHEAD_MS = 100

/** People who ask again and again whether anything is new. */
export class PollLoad {
  #clients: Client[] = []
  #writers: WireSocket[] = []
  #rooms: readonly string[] = []
  #nextPollMs = 0
  #turn = 0
  /** Turns meet again where the rate falls, and a message that is sent twice is one. */
  #written = 0
  #news: News = { newsSent: 0, newsRefused: 0, newsMissed: 0 }
  #newsAnswered = 0

  async open({ url, clients, writers, rooms }: PollJob): Promise<void> {
    this.#rooms = rooms
    this.#writers = await inBatches(writers, ({ token }) =>
      WireSocket.open({ url, token, onEvent: () => {} }),
    )
    this.#clients = clients.map(({ token }) => ({
      http: new HttpConnection({ url, token }),
      rev: 0,
      etag: undefined,
      total: 0,
      news: new DueNews(0),
    }))
    await inBatches(this.#clients, async (client) => {
      const { body, etag } = await client.http.get('/v1/sync')
      this.#take(client, { body, etag })
      client.news = new DueNews(client.total)
      // The first one is of everything: from the second on there is a tag of what the client has.
      await this.#poll(client)
    })
  }

  async step({ perSecond, seconds, changed, forgetful = false }: PollStep): Promise<PollSeen> {
    const pollMs: number[] = []
    let [unchanged, answered, failed] = [0, 0, 0]
    this.#news = { newsSent: 0, newsRefused: 0, newsMissed: 0 }
    this.#newsAnswered = 0
    const share = new ProcessorShare()
    const first = this.#turn
    const lagMs = await openLoop({ perSecond, seconds }, (_, intendedAtMs) => {
      const turn = this.#turn++
      this.#write(turn + Math.round((perSecond * AHEAD_MS) / 1_000), changed)
      const client = this.#clients[turn % this.#clients.length]
      if (client === undefined) return
      this.#poll(client, forgetful).then(
        (status) => {
          pollMs.push(performance.now() - intendedAtMs)
          if (status === 304) unchanged += 1
          else if (status === 200) answered += 1
          else failed += 1
        },
        () => {
          failed += 1
        },
      )
    })
    const processorShare = share.get()
    const deadlineMs = performance.now() + 5_000
    const isDone = (): boolean =>
      unchanged + answered + failed >= this.#turn - first && this.#newsAnswered >= this.#news.newsSent
    while (!isDone() && performance.now() < deadlineMs) await delay(20)
    const unanswered = this.#news.newsSent - this.#newsAnswered
    return {
      ...this.#news,
      newsRefused: this.#news.newsRefused + unanswered,
      pollMs: Float64Array.from(pollMs),
      lagMs,
      unchanged,
      answered,
      failed: this.#turn - first - unchanged - answered,
      nextPollMs: this.#nextPollMs,
      processorShare,
    }
  }

  close(): void {
    for (const { http } of this.#clients) http.close()
    for (const writer of this.#writers) writer.close()
  }

  async #poll(client: Client, forgetful = false): Promise<number> {
    const due = client.news.at(performance.now())
    const { status, body, etag } = forgetful
      ? await client.http.get('/v1/sync')
      : await client.http.get(`/v1/sync?since=${client.rev}`, client.etag)
    if (status === 200) this.#take(client, { body, etag })
    if ((status === 200 || status === 304) && client.total < due) this.#news.newsMissed += 1
    return status
  }

  #take(client: Client, { body, etag }: { body: string; etag: string | undefined }): void {
    const answer = JSON.parse(body) as { rev: number; nextPollMs: number; badge: { total: number } }
    client.rev = answer.rev
    client.total = answer.badge.total
    client.etag = etag
    this.#nextPollMs = answer.nextPollMs
  }

  /** A message for the client whose turn will be then, if it is one of those that get one. */
  #write(turn: number, changed: number): void {
    if (changed === 0 || turn % Math.round(1 / changed) !== 0) return
    const index = turn % this.#clients.length
    const [client, writer] = [this.#clients[index], this.#writers[index % this.#writers.length]]
    if (client === undefined || writer === undefined) return
    const message = {
      roomId: this.#rooms[index] ?? '',
      message: `message ${turn}`,
      clientId: `${this.#written++}`,
    }
    const news = this.#news
    news.newsSent += 1
    writer.request('send-message', message, (answer) => {
      if (news === this.#news) this.#newsAnswered += 1
      if (isOk(answer)) client.news.accepted(performance.now())
      else news.newsRefused += 1
    })
  }
}

if (import.meta.main) serveLoad(new PollLoad())
