import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { RoomId, UserId } from '@tally/protocol'
import { expect } from 'vitest'
import { connectDevice } from '../../src/actions/connect-device.ts'
import type { ActionContext, Caller } from '../../src/actions/context.ts'
import { createRoom } from '../../src/actions/create-room.ts'
import { explainBadge } from '../../src/actions/explain-badge.ts'
import { readyView } from '../../src/actions/ready-view.ts'
import { touchDevices } from '../../src/actions/touch-devices.ts'
import { upsertUser } from '../../src/actions/upsert-user.ts'
import type { DeviceId } from '../../src/core/ledger-step.ts'
import { type Audited, auditAll } from '../../test-support/oracle.ts'
import type { Chance } from './seeded.ts'

export type Device = { readonly userId: UserId; readonly deviceId: DeviceId }

// Few of each, so that everything meets everything.
const PEOPLE = 4
const ROOMS = 3
const DEVICES_EACH = 2

/** People with devices, rooms and messages, of which everything is random but the rule. */
export class HistoryWorld {
  readonly ctx: ActionContext
  readonly chance: Chance
  readonly people: UserId[] = []
  readonly rooms: RoomId[] = []
  readonly #suffix = randomUUID().slice(0, 8)
  readonly #ends = new Map<RoomId, number>()
  #named = 0

  private constructor(ctx: ActionContext, chance: Chance) {
    this.ctx = ctx
    this.chance = chance
  }

  static async begin(ctx: ActionContext, chance: Chance): Promise<HistoryWorld> {
    const world = new HistoryWorld(ctx, chance)
    for (let made = 0; made < PEOPLE; made += 1) await world.addPerson()
    for (let made = 0; made < ROOMS; made += 1) await world.addRoom()
    return world
  }

  /** Somebody new, connected with one of their devices. */
  async addPerson(): Promise<void> {
    this.#named += 1
    const userId = `person-${this.#named}-${this.#suffix}` as UserId
    await upsertUser(this.ctx, { userId, name: userId })
    await connectDevice(this.ctx, { userId, deviceId: `${userId}/0` })
    this.people.push(userId)
  }

  /** A room of two, or of more. */
  async addRoom(): Promise<void> {
    const { chance, ctx } = this
    const [owner, ...others] = this.people.filter(() => chance.is(0.9))
    const [other] = others
    if (owner === undefined || other === undefined) return
    const history = chance.is(0.3) ? 'unread' : 'none'
    const input = chance.is(0.2)
      ? ({ kind: 'direct', memberIds: [other], history } as const)
      : ({ kind: 'group', memberIds: others, history } as const)
    const { id } = await createRoom(ctx, { userId: owner }, input)
    if (!this.rooms.includes(id)) this.rooms.push(id)
  }

  /** A new room takes the place of this one, in which nothing happens any more. */
  async replaceRoom(roomId: RoomId): Promise<void> {
    await this.addRoom()
    const index = this.rooms.indexOf(roomId)
    if (index >= 0 && this.rooms.length > ROOMS) this.rooms.splice(index, 1)
  }

  person(): Caller {
    return { userId: this.chance.pick(this.people) }
  }

  room(): RoomId {
    return this.chance.pick(this.rooms)
  }

  /** A place in a room: one of the last, any, or the one beyond its end. */
  place(): { roomId: RoomId; seq: number } {
    const roomId = this.room()
    const end = (this.#ends.get(roomId) ?? 0) + 1
    const back = this.chance.below(this.chance.is(0.7) ? 6 : end)
    return { roomId, seq: Math.max(1, end - back) }
  }

  /** A message got this place. */
  note({ roomId, seq }: { roomId: RoomId; seq: number }): void {
    this.#ends.set(roomId, Math.max(seq, this.#ends.get(roomId) ?? 0))
  }

  device(): Device {
    const { userId } = this.person()
    return { userId, deviceId: `${userId}/${this.chance.below(DEVICES_EACH)}` }
  }

  /**
   * Everything is at rest: the registers of the database are the recount, the ledger says what follows from them and
   * from what is open, and the product's own audit agrees.
   */
  async expectExact(): Promise<void> {
    let rows = await this.#audit()
    for (;;) {
      try {
        return await this.#expectFollows(rows)
      } catch (error) {
        // A worker may just have completed what had stopped in the middle: what was looked at was two things then.
        const now = await this.#audit()
        if (isDeepStrictEqual(now, rows)) throw error
        rows = now
      }
    }
  }

  /** Every row there ever was, in an order that says nothing. */
  async #audit(): Promise<Audited[]> {
    const keyOf = ({ room_id, user_id }: Audited): string => `${room_id} ${user_id}`
    return (await auditAll(this.ctx.db)).toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  }

  async #expectFollows(audited: readonly Audited[]): Promise<void> {
    const rows = Map.groupBy(audited, ({ user_id }) => user_id as UserId)
    await this.ctx.warmer.ensure(this.people)
    await touchDevices(this.ctx)
    for (const userId of this.people) await this.#expectLedger(userId, rows.get(userId) ?? [])
    const [asked] = this.people
    if (asked !== undefined) {
      const { verdict, rooms } = await explainBadge(this.ctx, { userId: asked, limit: 100 })
      expect({ asked, verdict }, JSON.stringify(rooms)).toEqual({ asked, verdict: 'exact' })
    }
  }

  async #expectLedger(userId: UserId, rows: readonly Audited[]): Promise<void> {
    // A key that is in doubt is being warmed at this moment.
    const view = await readyView(this.ctx, { userId, rooms: rows.map(({ room_id }) => room_id as RoomId) })
    const shown = new Map<string, number>(view.rooms.map((room) => [room.roomId, room.shown]))
    const open = this.#openRooms(userId)
    const present = new Set<string>(rows.filter(({ has_left }) => !has_left).map(({ room_id }) => room_id))
    const leased = view.opens.filter((roomId) => present.has(roomId))
    expect(new Set(leased), `open for ${userId}`).toEqual(open)
    const badge = { total: 0, unreadRooms: 0, notifications: 0 }
    for (const { room_id, kind, recount, counts, has_left } of rows) {
      const expected = has_left || open.has(room_id as RoomId) ? 0 : recount
      expect({ userId, room_id, shown: shown.get(room_id) ?? 0 }).toEqual({
        userId,
        room_id,
        shown: expected,
      })
      if (kind === 'feed') badge.notifications += expected
      else if (counts && expected > 0) {
        badge.total += expected
        badge.unreadRooms += 1
      }
    }
    expect({ userId, ...view.badge }).toMatchObject({ userId, ...badge })
  }

  /** Rooms that a visible device of this person shows. */
  #openRooms(userId: UserId): Set<RoomId> {
    const visible = [...this.ctx.devices.of(userId)].filter((device) => device.visible)
    return new Set(visible.flatMap(({ rooms }) => [...rooms.keys()]))
  }
}
