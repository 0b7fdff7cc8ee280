import type { RoomId, Seq } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { addMembers } from '../../src/actions/add-members.ts'
import { archiveRoom } from '../../src/actions/archive-room.ts'
import { blockUser } from '../../src/actions/block-user.ts'
import type { Caller } from '../../src/actions/context.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { deleteRoom } from '../../src/actions/delete-room.ts'
import { editMessage } from '../../src/actions/edit-message.ts'
import { explainBadge } from '../../src/actions/explain-badge.ts'
import { markAllRead } from '../../src/actions/mark-all-read.ts'
import { markRead } from '../../src/actions/mark-read.ts'
import { markUnread } from '../../src/actions/mark-unread.ts'
import { muteRoom } from '../../src/actions/mute-room.ts'
import { purgeRoom } from '../../src/actions/purge-old-messages.ts'
import { react } from '../../src/actions/react.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { unblockUser } from '../../src/actions/unblock-user.ts'
import { updateRoom } from '../../src/actions/update-room.ts'
import { DATABASES } from '../../test-support/host.ts'
import { limitedTo, type RoomsWorld, useRooms } from './rooms-world.ts'
import { SyncClient } from './sync-client.ts'

// A client that was told only what moved must see what one sees that asks for everything now. Random histories, several
// people at once, the client syncing in the middle of them: being removed and coming back, rooms that come and go.
const HISTORIES = 6
const ROUNDS = 25
const AT_ONCE = 4

const SEED = Number(process.env['TALLY_TEST_SEED'] ?? Date.now() % 1_000_000)

describe.each(DATABASES)('sync on %s', (kind) => {
  const world = useRooms(kind)

  test.each(Array.from({ length: HISTORIES }, (_, index) => SEED + index))(
    'step by step ends where a fresh look begins (seed %i)',
    async (seed) => {
      const story = await Story.begin(world(), seed)
      for (let round = 0; round < ROUNDS; round++) {
        const acts = Array.from({ length: AT_ONCE }, () => story.step())
        await Promise.all(round % 3 === 2 ? [...acts, story.client.sync()] : acts)
      }
      await story.client.settle()
      await story.check()
    },
    60_000,
  )
})

class Story {
  readonly #world: RoomsWorld
  readonly #random: () => number
  readonly #people: Caller[]
  readonly #rooms: RoomId[] = []
  readonly client: SyncClient
  /** Her client is the one that is looked at. */
  readonly #mina: Caller

  private constructor(world: RoomsWorld, seed: number, people: Caller[], mina: Caller) {
    this.#world = world
    this.#random = randomFrom(seed)
    this.#people = people
    this.#mina = mina
    // Small pages, so that what is cut off is met as often as what is not.
    const small = limitedTo(world.ctx, { pageMax: 3, syncMessagesPerRoom: 2 })
    this.client = new SyncClient(small, mina)
  }

  static async begin(world: RoomsWorld, seed: number): Promise<Story> {
    const [mina, ...others] = await Promise.all(
      ['mina', 'joon', 'sora', 'hana'].map((name) => world.person(name)),
    )
    const story = new Story(world, seed, others, mina!)
    for (let n = 0; n < 4; n++) await story.#newRoom()
    return story
  }

  /** Something somebody does. What is refused (she is not in the room now, there is no such message) is no news. */
  async step(): Promise<void> {
    try {
      await this.#act()
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === undefined || !REFUSALS.has(code)) throw error
    }
  }

  async check(): Promise<void> {
    const { client } = this
    const fresh = new SyncClient(this.#world.ctx, this.#mina)
    await fresh.sync()
    expect(client.picture()).toEqual(fresh.picture())
    expect(client.badge).toEqual(fresh.badge)
    const counted = [...client.rooms.values()].filter(({ me }) => !me.muted && !me.archived)
    expect(counted.reduce((sum, { me }) => sum + me.unread, 0)).toBe(client.badge?.total)
    for (const [roomId] of client.rooms) {
      if (client.messages.has(roomId)) expect(client.messagesOf(roomId)).toEqual(await client.listed(roomId))
    }
    const explanation = await explainBadge(this.#world.ctx, { userId: this.#mina.userId, limit: 100 })
    expect(explanation).toMatchObject({ verdict: 'exact', next: null })
  }

  async #newRoom(): Promise<void> {
    const others = this.#people.filter(() => this.#random() < 0.7)
    const roomId = await this.#world.group(this.#people[0]!, this.#mina, ...others)
    this.#rooms.push(roomId)
    if (this.#random() < 0.7) this.client.watch(roomId)
  }

  async #act(): Promise<void> {
    const { ctx } = this.#world
    const roomId = this.#pick(this.#rooms)
    const owner = this.#people[0]!
    const anybody = this.#pick([...this.#people, this.#mina])
    const other = this.#pick(this.#people)
    const seq = Math.ceil(this.#random() * 12) as Seq
    const mina = this.#mina
    const userIds = [mina.userId]
    const yes = this.#random() < 0.5
    const acts: [weight: number, act: () => Promise<unknown>][] = [
      [30, () => this.#world.send(anybody, roomId, `message ${seq}`)],
      [8, () => editMessage(ctx, anybody, { roomId, seq, text: `edited ${this.#random()}` })],
      [8, () => deleteMessage(ctx, this.#random() < 0.5 ? anybody : null, { roomId, seq })],
      [6, () => react(ctx, anybody, { roomId, seq, emoji: yes ? '👍' : '❤️', on: this.#random() < 0.7 })],
      [8, () => markRead(ctx, mina, { roomId, ...(yes ? { upToSeq: seq } : {}) })],
      [5, () => markUnread(ctx, mina, { roomId, fromSeq: seq })],
      [1, () => markAllRead(ctx, mina)],
      [4, () => muteRoom(ctx, mina, { roomId, muted: yes })],
      [4, () => archiveRoom(ctx, mina, { roomId, archived: yes })],
      [4, () => removeMember(ctx, yes ? mina : owner, { roomId, userId: mina.userId })],
      [
        6,
        // By the host, too: she may have blocked the owner.
        () =>
          addMembers(ctx, this.#random() < 0.5 ? owner : null, {
            ...{ roomId, userIds, role: 'member' },
            history: yes ? 'none' : 'unread',
          }),
      ],
      [3, () => removeMember(ctx, null, { roomId, userId: other.userId })],
      [3, () => addMembers(ctx, null, { roomId, userIds: [other.userId], role: 'member' })],
      [3, () => updateRoom(ctx, null, { roomId, title: `title ${seq}` })],
      [3, () => (yes ? blockUser : unblockUser)(ctx, mina, other)],
      [2, () => purgeRoom(ctx, { roomId, beforeSeq: seq })],
      [2, () => this.#newRoom()],
      [1, () => deleteRoom(ctx, null, { roomId })],
      [1, () => ctx.ledger.drop([mina.userId])],
    ]
    const total = acts.reduce((sum, [weight]) => sum + weight, 0)
    let at = this.#random() * total
    for (const [weight, act] of acts) {
      at -= weight
      if (at < 0) return void (await act())
    }
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!
  }
}

const REFUSALS = new Set(['room_not_found', 'message_not_found', 'forbidden', 'blocked'])

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
