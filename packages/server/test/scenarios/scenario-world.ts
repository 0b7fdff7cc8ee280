import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { AppClient } from '../../test-support/app-client.ts'
import { recountAll } from '../../test-support/oracle.ts'
import type { TestTally } from '../../test-support/test-tally.ts'

/** People and rooms of one scenario: a server is shared by the scenarios of a file, its people are not. */
export class World {
  readonly tally: TestTally
  readonly #suffix: string

  constructor(tally: TestTally, suffix = randomUUID().slice(0, 8)) {
    this.tally = tally
    this.#suffix = suffix
  }

  /** The same people, on the server that came after. */
  on(tally: TestTally): World {
    return new World(tally, this.#suffix)
  }

  person(name: string): string {
    return `${name}-${this.#suffix}`
  }

  /** A device that is somebody and has no room open. */
  device(name: string): Promise<AppClient> {
    return this.tally.signIn(this.person(name))
  }

  room(...names: string[]): Promise<string> {
    return this.tally.room(...names.map((name) => this.person(name)))
  }

  /** A request that has to succeed. @returns its body. */
  async ask(method: string, path: string, { as, body }: { as?: string; body?: unknown } = {}) {
    const answer = await this.tally.request(method, path, {
      ...(as === undefined ? {} : { as: this.person(as) }),
      ...(body === undefined ? {} : { body }),
    })
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300)
    return answer.body
  }

  send(name: string, roomId: string, text: string, more: object = {}) {
    return this.ask('POST', `/v1/rooms/${roomId}/messages`, { as: name, body: { text, ...more } })
  }

  async sendMany(name: string, roomId: string, count: number): Promise<void> {
    for (let index = 1; index <= count; index += 1) await this.send(name, roomId, `${name} ${index}`)
  }

  read(name: string, roomId: string, upToSeq?: number) {
    return this.ask('POST', `/v1/rooms/${roomId}/read`, {
      as: name,
      body: upToSeq === undefined ? {} : { upToSeq },
    })
  }

  badge(name: string) {
    return this.ask('GET', '/v1/badge', { as: name })
  }

  async total(name: string): Promise<number> {
    return (await this.badge(name)).total
  }

  /** The number on one room. */
  async unread(name: string, roomId: string): Promise<number> {
    return (await this.ask('GET', `/v1/rooms/${roomId}`, { as: name })).me.unread
  }

  /** Every row is its recount, and the badge of everybody named is what the recounts add up to. */
  async expectExact(...names: string[]): Promise<void> {
    const truth = await recountAll(this.tally.ctx.db)
    for (const name of names) {
      const { total, unreadRooms, notifications } = await this.badge(name)
      const expected = truth.get(this.person(name)) ?? { total: 0, unreadRooms: 0, notifications: 0 }
      expect({ name, total, unreadRooms, notifications }).toEqual({ name, ...expected })
    }
  }
}
