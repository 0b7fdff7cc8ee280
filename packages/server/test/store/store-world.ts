import { randomUUID } from 'node:crypto'
import { type ClientId, LIMITS, type MessageId, type RoomId, type UserId } from '@tally/protocol'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Committed, MemberState, RoomHead } from '../../src/core/committed.ts'
import { addMembers } from '../../src/store/add-members.ts'
import type { CommittedGroup, SendOutcome } from '../../src/store/committed-group.ts'
import { createRoom } from '../../src/store/create-room.ts'
import { ensureUsers } from '../../src/store/ensure-users.ts'
import { fingerprintOf } from '../../src/store/fingerprint.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'
import type { ReadHeadItem, SendItem } from '../../src/store/group-items.ts'
import { migrate } from '../../src/store/migrate.ts'
import { type Database, openDatabase } from '../../src/store/open-database.ts'
import { recountAll } from '../../test-support/oracle.ts'
import {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseKind,
} from '../../test-support/test-database.ts'

export const KINDS: readonly TestDatabaseKind[] = ['pglite', 'postgres']

export const limits = LIMITS

/** How a function of the store refuses. */
export const refusal = (code: string) => expect.objectContaining({ name: 'RequestError', code })

/** One database of the tests of a `describe`. After every test the whole of it is recounted. */
export function useStore(kind: TestDatabaseKind): () => StoreWorld {
  let made: TestDatabase | undefined
  let world: StoreWorld | undefined
  beforeAll(async () => {
    made = await createTestDatabase(kind)
    const db = await openDatabase(made.options)
    await migrate(db)
    world = new StoreWorld(db, made.options)
  })
  afterEach(async () => {
    await world?.groups.idle()
    await world?.expectConsistent()
  })
  afterAll(async () => {
    await world?.db.close()
    await made?.drop()
  })
  return () => {
    if (world === undefined) throw new Error('the database did not open')
    return world
  }
}

type SendMore = Partial<Omit<SendItem, 'clientId'>> & { clientId?: string }

/** People, rooms and messages in a database, and everything that was told of its commits. */
export class StoreWorld {
  readonly db: Database
  readonly options: TestDatabase['options']
  readonly groups: GroupCommit
  /** Every group that was committed, in order. */
  readonly told: CommittedGroup[] = []
  readonly #members = new Map<string, MemberState>()
  readonly #rooms = new Map<string, RoomHead>()

  constructor(db: Database, options: TestDatabase['options']) {
    this.db = db
    this.options = options
    this.groups = new GroupCommit(db, {
      maxGroupSize: 500,
      maxQueued: 10_000,
      onGroup: (group) => {
        this.told.push(group)
        this.merge(group.committed)
      },
    })
  }

  /** Merges what a commit told, as the ledger would: rooms by maximum, members by version. */
  merge(committed: Committed): void {
    expect(committed.outboxId === null).toBe(committed.rooms.length + committed.members.length === 0)
    for (const head of committed.rooms) {
      const known = this.#rooms.get(head.roomId)
      if (known === undefined || known.change < head.change) this.#rooms.set(head.roomId, head)
    }
    for (const member of committed.members) {
      const key = `${member.roomId} ${member.userId}`
      const known = this.#members.get(key)
      if (known === undefined || known.version < member.version) this.#members.set(key, member)
    }
  }

  /** Waits for an action of the store and merges what it told. */
  async did<T extends Committed>(action: Promise<T>): Promise<T> {
    const done = await action
    this.merge(done)
    return done
  }

  async people<Names extends string>(...names: Names[]): Promise<Record<Names, UserId>> {
    const ids = names.map((name) => [name, `${name}-${randomUUID().slice(0, 8)}` as UserId] as const)
    await ensureUsers(
      this.db,
      ids.map(([, id]) => id),
    )
    return Object.fromEntries(ids) as Record<Names, UserId>
  }

  /** A group of which the first person is the owner. */
  async room(...userIds: UserId[]): Promise<RoomId> {
    const made = createRoom(this.db, {
      id: randomUUID() as RoomId,
      kind: 'group',
      metadata: {},
      history: 'none',
      creatorId: userIds[0] ?? null,
      members: userIds.map((userId, index) => ({ userId, role: index === 0 ? 'owner' : 'member' })),
      limits,
    })
    return (await this.did(made)).roomId
  }

  join(roomId: RoomId, userId: UserId, history?: 'none' | 'unread') {
    const more = history === undefined ? {} : { history }
    return this.did(
      addMembers(this.db, { actorId: null, roomId, userIds: [userId], role: 'member', limits, ...more }),
    )
  }

  item(from: UserId | null, roomId: RoomId, text: string, more: SendMore = {}): SendItem {
    const { clientId, ...rest } = more
    const type = rest.type ?? 'regular'
    return {
      kind: 'member',
      id: randomUUID() as MessageId,
      roomId,
      senderId: from,
      text,
      type,
      fingerprint: fingerprintOf({ text, type, replyTo: rest.replyTo }),
      counted: true,
      receivedAtMs: performance.now(),
      ...(clientId === undefined ? {} : { clientId: clientId as ClientId }),
      ...rest,
    }
  }

  send(from: UserId, roomId: RoomId, text: string, more: SendMore = {}): Promise<SendOutcome> {
    return this.groups.send(this.item(from, roomId, text, more))
  }

  async sendMany(from: UserId, roomId: RoomId, count: number): Promise<void> {
    for (let index = 1; index <= count; index += 1) await this.send(from, roomId, `message ${index}`)
  }

  /** A message from the host's own server, which counts for nobody. */
  sendSystem(roomId: RoomId, text: string): Promise<SendOutcome> {
    return this.groups.send(this.item(null, roomId, text, { kind: 'system', counted: false, type: 'system' }))
  }

  readHead(userId: UserId, roomId: RoomId, more: Partial<ReadHeadItem> = {}) {
    return this.groups.readHead({ userId, roomId, ...more })
  }

  /** A member's row as it stands. */
  async member(userId: UserId, roomId: RoomId) {
    const row = await this.db.kysely
      .selectFrom('members')
      .innerJoin('rooms', 'rooms.id', 'members.room_id')
      .select(['read_seq as readSeq', 'read_epoch as readEpoch', 'version', 'settled', 'role', 'muted'])
      .select(['left_at as leftAt', 'archived_at_tally as archivedAtTally', 'seq', 'tally', 'change'])
      .where('room_id', '=', roomId)
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow()
    return { ...row, unread: row.tally - row.settled }
  }

  async unread(userId: UserId, roomId: RoomId): Promise<number> {
    return (await this.member(userId, roomId)).unread
  }

  async count(text: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.db.query<{ count: number }>({ name: '', text, values })
    return row!.count
  }

  /** Every member row equals its recount, rooms are dense, times rise, and whoever was told everything knows everything. */
  async expectConsistent(): Promise<void> {
    await recountAll(this.db)
    expect(await this.db.query({ name: '', text: BROKEN_ROOMS, values: [] }), 'rooms with holes').toEqual([])
    const rows = await this.db.kysely
      .selectFrom('members')
      .select(['room_id', 'user_id', 'settled', 'version'])
      .execute()
    const untold = rows.filter(({ room_id, user_id, settled, version }) => {
      const known = this.#members.get(`${room_id} ${user_id}`)
      return known?.version !== version || known.settled !== settled
    })
    expect(untold, 'member rows that changed untold').toEqual([])
    const heads = await this.db.kysely
      .selectFrom('rooms')
      .select(['id', 'seq', 'tally', 'change', 'membership'])
      .execute()
    const unknown = heads.filter(({ id, ...head }) => {
      const { seq, tally, change, membership } = this.#rooms.get(id) ?? {}
      return JSON.stringify(head) !== JSON.stringify({ seq, tally, change, membership })
    })
    expect(unknown, 'rooms that changed untold').toEqual([])
  }
}

/** In every room: places are dense up to the head, tallies count, times and changes rise or at least never repeat. */
const BROKEN_ROOMS = `
  select x.room_id, x.seq from (
    select x.*, r.seq as head, r.change as room_change,
      lag(x.seq) over room as seq_before, lag(x.tally) over room as tally_before, lag(x.created_at) over room as time_before,
      max(x.seq) over (partition by x.room_id) as last, count(*) over (partition by x.room_id, x.change) as same_change
    from messages x join rooms r on r.id = x.room_id
    window room as (partition by x.room_id order by x.seq)
  ) x
  where x.last <> x.head or x.change > x.room_change or x.same_change > 1
    or x.seq <> coalesce(x.seq_before + 1, x.seq)
    or x.tally <> coalesce(x.tally_before + x.counted::integer, x.tally)
    or x.created_at <= x.time_before`
