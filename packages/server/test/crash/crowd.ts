import { randomUUID } from 'node:crypto'
import type { Message } from '@tally/protocol'
import { expect } from 'vitest'
import type { Chance } from '../scenarios/seeded.ts'
import { Person } from './person.ts'
import { SERVER_KEY } from './server-process.ts'

type Way = 'socket' | 'http'

/** A message somebody wanted to send. */
type Wanted = { clientId: string; roomId: string; text: string }
type Answered = Wanted & { id: string; seq: number }

/** Somebody who sends one message after the other, each as soon as the one before was answered. */
type Sender = {
  person: Person
  way: Way
  sent: number
  /** In the order of their sending. */
  answered: Answered[]
  /** Sent, and the server was gone before it answered. */
  open: Wanted | undefined
}

const PEOPLE = 6
const ROOMS = 4

/** People who write and read without a pause, and remember what the server promised them. */
export class Crowd {
  readonly people: readonly Person[]
  readonly #senders: readonly Sender[]
  readonly #chance: Chance
  #rooms: string[] = []
  /** How far each person's reading of each room was acknowledged. */
  readonly #reads = new Map<string, number>()
  #isTalking = false
  #working: Promise<void>[] = []
  #answers = 0
  #wakes: (() => void)[] = []

  private constructor(people: Person[], chance: Chance) {
    this.people = people
    this.#chance = chance
    this.#senders = people.flatMap((person) =>
      (['socket', 'http'] as const).map((way) => ({ person, way, sent: 0, answered: [], open: undefined })),
    )
  }

  static async gather(chance: Chance): Promise<Crowd> {
    const suffix = randomUUID().slice(0, 8)
    const names = Array.from({ length: PEOPLE }, (_, index) => `person-${index}-${suffix}`)
    return new Crowd(await Promise.all(names.map((name) => Person.named(name))), chance)
  }

  /** Everybody is in every room. */
  async makeRooms(url: string): Promise<void> {
    const memberIds = this.people.map(({ id }) => id)
    for (let made = 0; made < ROOMS; made += 1) {
      const response = await fetch(`${url}/v1/rooms`, {
        method: 'POST',
        headers: { 'x-api-key': SERVER_KEY, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'group', memberIds }),
      })
      this.#rooms.push(((await response.json()) as { id: string }).id)
    }
  }

  get answered(): number {
    return this.#senders.reduce((sum, { answered }) => sum + answered.length, 0)
  }

  /** Messages of which nobody knows whether they were stored. */
  get open(): number {
    return this.#senders.filter(({ open }) => open !== undefined).length
  }

  moveTo(url: string): void {
    for (const person of this.people) person.moveTo(url)
  }

  leave(): void {
    for (const person of this.people) person.leave()
  }

  /** Everybody writes and reads, until the server is gone or `silence`. */
  talk(): void {
    this.#isTalking = true
    this.#working = [
      ...this.#senders.map((sender) => this.#work(() => this.#sendNext(sender))),
      ...this.people.map((person) => this.#work(() => this.#readSome(person))),
    ]
  }

  /** So many more messages were acknowledged. */
  async heard(count: number): Promise<void> {
    const until = this.#answers + count
    while (this.#answers < until && this.#isTalking) {
      await new Promise<void>((wake) => this.#wakes.push(wake))
    }
  }

  /** Everybody has noticed that the server is gone. */
  async silence(): Promise<void> {
    this.#isTalking = false
    await Promise.all(this.#working)
  }

  /** What was left open is sent again, with the same clientId. */
  async sendAgain(): Promise<void> {
    await Promise.all(
      this.#senders.map(async (sender) => {
        const { open } = sender
        if (open === undefined) return
        sender.answered.push({ ...open, ...(await send(sender, open)) })
        sender.open = undefined
      }),
    )
  }

  /**
   * Every acknowledged message is there once, at the place it was answered with, in the order of its sender; what was
   * left open is there once or not at all; nothing else is there, and no place is empty. What was acknowledged as read
   * is read, and every badge is exact.
   *
   * @returns how many of the open ones were stored.
   */
  async check(): Promise<number> {
    const [observer] = this.people as [Person]
    const messages = new Map<string, Message[]>()
    for (const roomId of this.#rooms) messages.set(roomId, await observer.messages(roomId))
    for (const room of messages.values()) {
      expect(room.map(({ seq }) => seq)).toEqual(room.map((_, index) => index + 1))
      const times = room.map(({ createdAt }) => createdAt)
      expect(times).toEqual([...new Set(times)].sort())
    }
    const all = [...messages.values()].flat()
    const byText = Map.groupBy(all, ({ text }) => text)
    for (const { person, answered } of this.#senders) {
      for (const { id, seq, roomId, text } of answered) {
        const found = byText
          .get(text)
          ?.map((message) => [message.id, message.seq, message.roomId, message.senderId])
        expect(found, text).toEqual([[id, seq, roomId, person.id]])
      }
      for (const inRoom of Map.groupBy(answered, ({ roomId }) => roomId).values()) {
        const places = inRoom.map(({ seq }) => seq)
        expect(places).toEqual(places.toSorted((one, other) => one - other))
      }
    }
    const open = this.#senders.flatMap((sender) => sender.open ?? [])
    const stored = open.filter(({ text }) => byText.has(text))
    expect(stored.filter(({ text }) => byText.get(text)?.length !== 1)).toEqual([])
    expect(all).toHaveLength(this.answered + stored.length)
    for (const person of this.people) {
      for (const { id, me } of await person.rooms()) {
        expect(me.readSeq).toBeGreaterThanOrEqual(this.#reads.get(`${person.id} ${id}`) ?? 0)
      }
      await person.expectExactBadge(messages)
    }
    return stored.length
  }

  async #work(step: () => Promise<void>): Promise<void> {
    try {
      while (this.#isTalking) await step()
    } catch {
      // The server is gone, or going. Whether it kept its promises is for `check` to say.
    }
  }

  async #sendNext(sender: Sender): Promise<void> {
    const roomId = this.#chance.pick(this.#rooms)
    sender.sent += 1
    const clientId = `${sender.way}-${sender.sent}`
    const wanted = { clientId, roomId, text: `${sender.person.id} says ${clientId}` }
    sender.open = wanted
    sender.answered.push({ ...wanted, ...(await send(sender, wanted)) })
    sender.open = undefined
    this.#answers += 1
    for (const wake of this.#wakes.splice(0)) wake()
  }

  async #readSome(person: Person): Promise<void> {
    const roomId = this.#chance.pick(this.#rooms)
    const upToSeq = 1 + this.#chance.below(20 + this.#answers / ROOMS)
    const body = this.#chance.is(0.3) ? {} : { upToSeq }
    const path = `/v1/rooms/${roomId}/read`
    const { readSeq } = await person.ask<{ readSeq: number }>('POST', path, body)
    const key = `${person.id} ${roomId}`
    this.#reads.set(key, Math.max(readSeq, this.#reads.get(key) ?? 0))
  }
}

async function send({ person, way }: Sender, wanted: Wanted): Promise<{ id: string; seq: number }> {
  const { roomId, text, clientId } = wanted
  if (way === 'http') return person.ask('POST', `/v1/rooms/${roomId}/messages`, { text, clientId })
  const device = await person.device()
  const answer = await device.call('send-message', { roomId, message: text, clientId })
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.error)}`)
  return answer.message
}
