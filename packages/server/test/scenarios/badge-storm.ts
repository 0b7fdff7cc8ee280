import type { ClientEventName } from '@tally/protocol'
import { expect } from 'vitest'
import type { AppClient } from '../../test-support/app-client.ts'
import type { World } from './scenario-world.ts'
import type { Chance } from './seeded.ts'

/** How a storm may be refused: somebody was taken out of the room a moment ago, or there is no such message. */
const REFUSALS = new Set(['room_not_found', 'message_not_found', 'forbidden'])

/** What happens at once. */
const AT_ONCE = 6

type Devices = { phone: AppClient; laptop: AppClient; senders: readonly AppClient[] }

/** Everything that can move somebody's badge, from all sides at once: `mina` is the one whose badge is looked at. */
export class BadgeStorm {
  readonly #world: World
  readonly #chance: Chance
  readonly #rooms: string[]
  readonly #devices: Devices
  readonly #opened = new Set<string>()

  private constructor(world: World, chance: Chance, rooms: string[], devices: Devices) {
    this.#world = world
    this.#chance = chance
    this.#rooms = rooms
    this.#devices = devices
  }

  static async over(world: World, chance: Chance): Promise<BadgeStorm> {
    const rooms = await Promise.all(Array.from({ length: 5 }, () => world.room('joon', 'mina', 'sora')))
    const [phone, laptop, ...senders] = await Promise.all(
      ['mina', 'mina', 'joon', 'sora'].map((name) => world.device(name)),
    )
    return new BadgeStorm(world, chance, rooms, { phone, laptop, senders } as Devices)
  }

  /** So many things happen, some of them at once. */
  async blow(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.#act()))
    }
  }

  /** Nothing is open any more. */
  async calm(): Promise<void> {
    for (const roomId of this.#opened) await this.#devices.phone.call('leave-room', roomId)
  }

  #act(): Promise<unknown> {
    const { phone, laptop, senders } = this.#devices
    const chance = this.#chance
    const roomId = chance.pick(this.#rooms)
    const seq = 1 + chance.below(12)
    const coin = chance.is(0.5)
    const sender = chance.pick(senders)
    const room = `/v1/rooms/${roomId}`
    const userIds = [this.#world.person('mina')]
    const blocked = { userId: this.#world.person('sora'), blocked: coin }
    return chance.weighted([
      [30, () => this.#emit(sender, 'send-message', { roomId, message: `storm ${seq}` })],
      [8, () => this.#emit(laptop, 'mark-read', { roomId, ...(coin ? { upToSeq: seq } : {}) })],
      [4, () => this.#emit(laptop, 'mark-unread', { roomId, fromSeq: seq })],
      [6, () => this.#open(phone, roomId, coin)],
      [6, () => this.#emit(phone, 'leave-room', { roomId })],
      [2, () => this.#emit(phone, 'visibility', { visible: coin })],
      [3, () => this.#emit(laptop, 'send-message', { roomId, message: 'my own' })],
      [4, () => this.#ask('POST', `${room}/mute`, 'mina', { muted: coin })],
      [4, () => this.#ask('POST', `${room}/archive`, 'mina', { archived: coin })],
      [5, () => this.#ask('DELETE', `${room}/messages/${seq}`)],
      [3, () => this.#ask('PATCH', `${room}/messages/${seq}`, 'joon', { text: `edited ${seq}` })],
      [4, () => this.#ask('DELETE', `${room}/members/${coin ? 'me' : userIds[0]}`, coin ? 'mina' : 'joon')],
      [7, () => this.#ask('POST', `${room}/members`, 'joon', { userIds, history: coin ? 'unread' : 'none' })],
      [2, () => this.#ask('PUT', '/v1/blocks', 'mina', blocked)],
      [1, () => this.#ask('POST', '/v1/read-all', 'mina', {})],
      [2, () => this.#newRoom()],
      [1, () => this.#ask('DELETE', room)],
      [1, () => this.#forget()],
      [8, () => laptop.settled()],
    ])()
  }

  async #open(device: AppClient, roomId: string, read: boolean): Promise<void> {
    this.#opened.add(roomId)
    await this.#emit(device, 'join-room', { roomId, read })
  }

  async #newRoom(): Promise<void> {
    this.#rooms.push(await this.#world.room('joon', 'mina'))
  }

  /** The node forgets the last messages it remembered: rows have to be looked up. */
  async #forget(): Promise<void> {
    for (const roomId of this.#rooms) this.#world.tally.ctx.previews.forget(roomId as never)
  }

  async #emit(device: AppClient, event: ClientEventName, payload: object): Promise<void> {
    const answer = await device.call(event, payload)
    if (!answer.ok) expect(REFUSALS, `${event}: ${JSON.stringify(answer.error)}`).toContain(answer.error.code)
  }

  async #ask(method: string, path: string, as?: string, body?: unknown): Promise<void> {
    const { status, body: answer } = await this.#world.tally.request(method, path, {
      ...(as === undefined ? {} : { as: this.#world.person(as) }),
      ...(body === undefined ? {} : { body }),
    })
    if (status >= 300) expect(REFUSALS, `${method} ${path}: ${status}`).toContain(answer?.error?.code)
  }
}
