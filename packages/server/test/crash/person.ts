import type { Explanation, Message, Room } from '@tally/protocol'
import { SignJWT } from 'jose'
import { expect } from 'vitest'
import { AppClient } from '../../test-support/app-client.ts'
import { JWT_SECRET } from './server-process.ts'

/** Somebody who talks to whichever server there is at the moment, over HTTP and over a socket. */
export class Person {
  readonly id: string
  readonly #token: string
  #url = ''
  #device: AppClient | undefined

  private constructor(id: string, token: string) {
    this.id = id
    this.#token = token
  }

  static async named(id: string): Promise<Person> {
    const token = await new SignJWT({ sub: id })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(JWT_SECRET))
    return new Person(id, token)
  }

  /** From now on this is the server. */
  moveTo(url: string): void {
    this.leave()
    this.#url = url
  }

  leave(): void {
    this.#device?.close()
    this.#device = undefined
  }

  /** A socket that is this person; the same one until the next `moveTo`. */
  async device(): Promise<AppClient> {
    if (this.#device !== undefined) return this.#device
    const device = new AppClient(this.#url)
    this.#device = device
    await device.connected()
    device.emit('authenticate', this.#token)
    await device.next('authenticated')
    return device
  }

  /** A request that has to be answered well; throws when the server is gone. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = await response.json()
    expect(response.status, `${method} ${path}: ${JSON.stringify(answer)}`).toBeLessThan(300)
    return answer as T
  }

  async rooms(): Promise<Room[]> {
    return (await this.ask<{ items: Room[] }>('GET', '/v1/rooms?limit=100')).items
  }

  /** Every message of a room, oldest first. */
  async messages(roomId: string): Promise<Message[]> {
    const items: Message[] = []
    for (let more = true; more; ) {
      const path = `/v1/rooms/${roomId}/messages?limit=100&after=${items.at(-1)?.seq ?? 0}`
      const page = await this.ask<{ items: Message[]; hasAfter: boolean }>('GET', path)
      items.push(...page.items)
      more = page.hasAfter
    }
    return items
  }

  /** The badge is what one counts in the rooms' own messages, and what the server's audit counts. */
  async expectExactBadge(messagesOf: ReadonlyMap<string, readonly Message[]>): Promise<void> {
    let total = 0
    for (const { id, me } of await this.rooms()) {
      const unread = messagesOf
        .get(id)
        ?.filter(({ senderId, seq, deletedAt }) => senderId !== this.id && seq > me.readSeq && !deletedAt)
      expect({ person: this.id, room: id, unread: me.unread }).toEqual({
        person: this.id,
        room: id,
        unread: unread?.length,
      })
      total += me.unread
    }
    expect(await this.ask('GET', '/v1/badge')).toMatchObject({ total })
    const explanation = await this.ask<Explanation>('GET', '/v1/badge/explain?limit=100')
    expect(explanation, this.id).toMatchObject({ verdict: 'exact', next: null })
  }
}
