import type { Client } from 'pg'
import type { Answer } from './interleaving-session.ts'
import { type OutboxRow, READ_LOCKED_ROWS, READ_SNAPSHOT, type Snapshot } from './interleaving-snapshot.ts'

/**
 * People and rooms, made anew for every schedule under names of their own: `ann` is `ann~7` in world 7. So nothing has
 * to be taken away again, and many worlds may be under way in one database.
 *
 * - ann owns room `r1`, ben and cat are in it, dan left it, eve never was in it; ann, ben and cat are in `r2` too.
 * - fay's account is being removed: she has left `r1` and not yet `r2`, and still blocks ann.
 * - cat has muted the room and blocks ben; dan, who left, blocks ann.
 * - ben read `r1` up to 4 and is in the middle of a mark-all-read that goes to 7.
 * - Among the messages are one of the system, one whose sender's account is gone, and one that was deleted.
 * - ben has notifications: read, read alone, and unread; and is signed in on one device.
 */
export class World {
  readonly #control: Client
  readonly #number: number

  private constructor(control: Client, number: number) {
    this.#control = control
    this.#number = number
  }

  /** @param number of this world; no other in this database has it. */
  static async make(control: Client, number: number): Promise<World> {
    const world = new World(control, number)
    const text = TEMPLATE.replaceAll('~', `~${number}`)
    await control.query({ name: 'make-world', text: INSERT_WORLD, values: [text] })
    return world
  }

  /** What somebody or something is called in this world. */
  id(name: string): string {
    return `${name}~${this.#number}`
  }

  /** Everything as it was committed. */
  async snapshot(): Promise<Snapshot> {
    const { rows } = await this.#control.query<{ world: Snapshot }>({
      name: 'read-snapshot',
      text: READ_SNAPSHOT,
      values: this.#everything(),
    })
    return this.plain(rows[0]!.world)
  }

  /** The rows that a transaction under way has locked or written. */
  async lockedRows(): Promise<Set<string>> {
    const { rows } = await this.#control.query<{ locked: string[] }>({
      name: 'read-locked-rows',
      text: READ_LOCKED_ROWS,
      values: this.#everything(),
    })
    return new Set(this.plain(rows[0]!.locked))
  }

  /** What the calls that were answered so left in the outbox. */
  async outbox(answers: readonly Answer[]): Promise<OutboxRow[]> {
    const { rows } = await this.#control.query<{ payload: OutboxRow }>({
      name: 'read-outbox',
      text: 'select payload from outbox where id = any($1)',
      values: [answers.flatMap(({ outboxId }) => outboxId ?? [])],
    })
    return this.plain(rows.map(({ payload }) => payload))
  }

  /** The same with the names that all worlds share. */
  plain<T>(value: T): T {
    return JSON.parse(JSON.stringify(value).replaceAll(`~${this.#number}`, ''))
  }

  #everything(): [rooms: string[], users: string[]] {
    return [ROOMS.map((name) => this.id(name)), USERS.map((name) => this.id(name))]
  }
}

const USERS = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']

/** Those that are there, and those that may be made. */
const ROOMS = ['r1', 'r2', 'feed:ben', 'feed:eve', 'new-a', 'new-b']

const LONG_AGO = '2026-01-01T00:00:00Z'

const BLOCKS = [
  { blocker_id: 'cat~', blocked_id: 'ben~' },
  { blocker_id: 'dan~', blocked_id: 'ann~' },
  { blocker_id: 'fay~', blocked_id: 'ann~' },
]

type Message = { senderId: string | null; counted?: boolean; deleted?: boolean; settledAlone?: boolean }
type Member = { userId: string; readSeq: number; columns?: Record<string, unknown> }
type Room = { id: string; kind: string; messages: Message[]; members: Member[] }

const TEMPLATE = JSON.stringify(
  templateOf([
    {
      id: 'r1~',
      kind: 'group',
      messages: [
        { senderId: 'ann~' },
        { senderId: 'ben~' },
        { senderId: 'ann~' },
        { senderId: null, counted: false },
        { senderId: null },
        { senderId: 'ann~' },
        { senderId: 'ben~' },
        { senderId: 'cat~', deleted: true },
        { senderId: 'cat~' },
      ],
      members: [
        { userId: 'ann~', readSeq: 6, columns: { role: 'owner' } },
        { userId: 'ben~', readSeq: 4, columns: { pending_read_seq: 7 } },
        { userId: 'cat~', readSeq: 0, columns: { muted: true } },
        { userId: 'dan~', readSeq: 1, columns: { left_at: LONG_AGO, version: 5, read_epoch: 1 } },
        { userId: 'fay~', readSeq: 2, columns: { left_at: LONG_AGO, version: 2 } },
      ],
    },
    {
      id: 'r2~',
      kind: 'group',
      messages: [{ senderId: 'ann~' }, { senderId: 'ben~' }],
      members: [
        { userId: 'ann~', readSeq: 2, columns: { role: 'owner' } },
        { userId: 'ben~', readSeq: 0 },
        { userId: 'cat~', readSeq: 1 },
        { userId: 'fay~', readSeq: 0 },
      ],
    },
    {
      id: 'feed:ben~',
      kind: 'feed',
      messages: [
        { senderId: null },
        { senderId: null, settledAlone: true },
        { senderId: null },
        { senderId: null },
      ],
      members: [{ userId: 'ben~', readSeq: 1, columns: { role: 'owner' } }],
    },
  ]),
)

function templateOf(rooms: readonly Room[]): Record<string, unknown[]> {
  return {
    users: USERS.map((name) => ({
      id: `${name}~`,
      created_at: LONG_AGO,
      updated_at: LONG_AGO,
      deleted_at: name === 'fay' ? LONG_AGO : null,
    })),
    rooms: rooms.map(roomRow),
    members: rooms.flatMap((room) => room.members.map((member) => memberRow(room, member))),
    messages: rooms.flatMap((room) => room.messages.map((_, index) => messageRow(room, index))),
    blocks: BLOCKS.map((block) => ({ ...block, created_at: LONG_AGO })),
    devices: [{ user_id: 'ben~', id: 'device', kind: 'phone', created_at: LONG_AGO, last_seen_at: LONG_AGO }],
    sign_ins: [{ user_id: 'ben~', sign_in: 'sign-in', device_id: 'device', created_at: LONG_AGO }],
  }
}

function roomRow({ id, kind, messages }: Room): Record<string, unknown> {
  const { length: seq } = messages
  const times = { last_at: LONG_AGO, created_at: LONG_AGO, updated_at: LONG_AGO }
  return {
    id,
    kind,
    metadata: {},
    history: 'none',
    seq,
    tally: tallyAt(messages, seq),
    change: seq,
    membership: 1,
    ...times,
  }
}

function memberRow({ id, messages }: Room, { userId, readSeq, columns }: Member): Record<string, unknown> {
  const blocked = BLOCKS.filter(({ blocker_id }) => blocker_id === userId).map(({ blocked_id }) => blocked_id)
  const unread = messages.filter(
    ({ senderId, counted, deleted, settledAlone }, index) =>
      index + 1 > readSeq &&
      counted !== false &&
      deleted !== true &&
      settledAlone !== true &&
      senderId !== userId &&
      !(senderId !== null && blocked.includes(senderId)),
  )
  return {
    room_id: id,
    user_id: userId,
    role: 'member',
    settled: tallyAt(messages, messages.length) - unread.length,
    version: 1,
    read_seq: readSeq,
    delivered_seq: 0,
    read_epoch: 0,
    muted: false,
    joined_at: LONG_AGO,
    ...columns,
  }
}

function messageRow({ id, messages }: Room, index: number): Record<string, unknown> {
  const { senderId, counted = true, deleted, settledAlone } = messages[index]!
  const seq = index + 1
  return {
    room_id: id,
    seq,
    id: `${id}/${seq}`,
    tally: tallyAt(messages, seq),
    change: seq,
    sender_id: senderId,
    type: 'text',
    text: deleted === true ? '' : `message ${seq}`,
    counted,
    created_at: LONG_AGO,
    deleted_at: deleted === true ? LONG_AGO : null,
    settled_alone_at: settledAlone === true ? LONG_AGO : null,
  }
}

function tallyAt(messages: readonly Message[], seq: number): number {
  return messages.slice(0, seq).filter(({ counted }) => counted !== false).length
}

const INSERT_WORLD = `
  with given as (select $1::json as world),
  a as (insert into users select (json_populate_recordset(null::users, world->'users')).* from given),
  b as (insert into rooms select (json_populate_recordset(null::rooms, world->'rooms')).* from given),
  c as (insert into members select (json_populate_recordset(null::members, world->'members')).* from given),
  d as (insert into messages select (json_populate_recordset(null::messages, world->'messages')).* from given),
  e as (insert into devices select (json_populate_recordset(null::devices, world->'devices')).* from given),
  f as (insert into sign_ins select (json_populate_recordset(null::sign_ins, world->'sign_ins')).* from given)
  insert into blocks select (json_populate_recordset(null::blocks, world->'blocks')).* from given`
