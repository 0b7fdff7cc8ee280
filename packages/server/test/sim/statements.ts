import { type ClientId, type MessageId, RequestError, type RoomId, type UserId } from '@tally/protocol'
import type { Committed, MemberState, StoredMessage } from '../../src/core/committed.ts'
import type { GroupAnswer } from '../../src/store/group-answer.ts'
import type { Statement } from '../../src/store/statement.ts'
import type { MessageColumns } from '../../src/store/stored-messages.ts'
import type { DatabaseModel, NewMessage } from './database-model.ts'

/** They are what the statement's own code made them: its types say more about them than could be said here. */
type Values = readonly [never, never, never, never, never, never]

type Answer = (db: DatabaseModel, values: Values) => unknown[]

/** What the model of the database answers to each statement that the product asks, by the statement's name. */
const ANSWERS: Record<string, Answer> = {
  commit_group: (db, values) => [{ answer: commitGroup(db, values) }],
  read_up_to: (db, [userId, roomId, upToSeq, epoch]) => one(db.readUpTo(userId, roomId, upToSeq, epoch)),
  mark_unread: (db, [userId, roomId, fromSeq]) => one(db.markUnread(userId, roomId, fromSeq)),
  delete_message: (db, [, roomId, seq]) => one(db.deleteMessage({ roomId: roomId, seq: seq })),
  edit_message: (db, [userId, roomId, seq, text]) =>
    one(db.editMessage(userId, { roomId: roomId, seq: seq }, text)),
  react: (db, [userId, roomId, seq, emoji, on]) =>
    one(db.react({ roomId: roomId, seq: seq }, { userId: userId, emoji: emoji, on: on })),
  set_muted: (db, [userId, roomId, muted]) => one(db.setFlag(userId, roomId, { muted: muted })),
  set_archived: (db, [userId, roomId, archived]) => one(db.setFlag(userId, roomId, { archived: archived })),
  add_members: (db, [, roomId, userIds, , history]) => one(db.join(roomId, userIds, history)),
  remove_member: (db, [, roomId, userId]) => one(db.leave(roomId, userId)),
  set_blocked: (db, [blocker, blocked, on]) => one(db.setBlocked(blocker, blocked, on)),
  start_mark_all_read: (db, [userId]) => {
    db.startMarkAllRead(userId)
    return [{ rooms: 0 }]
  },
  step_mark_all_read: (db, [userId]) => one(db.stepMarkAllRead(userId)),

  'next-warms': (db, [count]) => [
    { warms: Array.from({ length: count }, () => db.nextWarm()), epoch: db.epoch },
  ],
  'read-snapshot': (db, [userIds]) => (userIds as UserId[]).flatMap((userId) => snapshotRows(db, userId)),
  'mark-outbox-done': (db, [ids]) => {
    db.outbox.markDone(ids)
    return []
  },
  'send-heartbeat': (db, [keepsOwnLedger]) => {
    const { nodeId } = db.session
    db.outbox.beat(nodeId, { keepsOwnLedger: keepsOwnLedger as boolean })
    return [{ epoch: db.epoch, isKnownHistory: true, ...db.outbox.others(nodeId) }]
  },
  'read-ledger-epoch': (db) => [{ epoch: db.epoch }],
  'claim-undone': (db, [undoneForMs, orphanedForMs, claimMs, limit]) =>
    db.outbox.claim(db.session.nodeId, { undoneForMs, orphanedForMs, claimMs, limit }),
  'read-present-state': (db, values) => [presentState(db, values)],

  'read-recipients': (db, [roomIds]) =>
    known(db, roomIds).map((roomId) => ({
      roomId,
      membership: db.head(roomId).membership,
      userIds: membersOf(db, roomId).flatMap(({ userId, left }) => (left ? [] : [userId])),
    })),
  'read-previews': (db, [roomIds]) => known(db, roomIds).map((roomId) => previewRow(db, roomId)),
  'read-peers': () => [],
  'read-members': (db, [userIds, roomIds]) =>
    (userIds as UserId[]).flatMap((userId, index) => {
      const roomId: RoomId = roomIds[index]!
      if (!db.isMember(roomId, userId)) return []
      const { seq, change } = db.head(roomId)
      const { readSeq, readEpoch, role } = db.member(roomId, userId)
      return [{ place: index + 1, kind: 'group', key: null, seq, change, readSeq, readEpoch, role }]
    }),
  'read-room-page': (db, [userId, lastAt, roomId, limit]) => {
    const place = lastAt === null ? null : { lastAt: lastAt as string, id: roomId as string }
    const rooms = db.roomsOf(userId).map((id) => roomRow(db, userId, id))
    const after = rooms.filter((room) => place === null || isLater(place, room))
    return after.sort((a, b) => (isLater(a, b) ? -1 : 1)).slice(0, limit)
  },
  'read-own-rooms': (db, [userIds, roomIds]) =>
    (userIds as UserId[]).flatMap((userId, place) => {
      const roomId = roomIds[place]!
      return db.roomsOf(userId).includes(roomId) ? [{ ...roomRow(db, userId, roomId), place: place + 1 }] : []
    }),
  'read-members-of-rooms': (db, [roomIds]) =>
    known(db, roomIds).flatMap((roomId) =>
      membersOf(db, roomId).map(({ userId, role, readSeq, left }) => ({
        room_id: roomId,
        user_id: userId,
        role,
        read_seq: readSeq,
        delivered_seq: readSeq,
        left_at: left ? 'then' : null,
        name: null,
        image: null,
        user_type: null,
        deleted_at: null,
      })),
    ),
  'read-pages-before': (db, [userIds, roomIds, places, limits]) =>
    pageRows(db, { userIds, roomIds, places, limits }, (all, at, limit) => ({
      page: all.filter(({ seq }) => seq < at).slice(-limit),
      beyond: all.some(({ seq }) => seq >= at),
    })),
  'read-pages-after': (db, [userIds, roomIds, places, limits]) =>
    pageRows(db, { userIds, roomIds, places, limits }, (all, at, limit) => ({
      page: all.filter(({ seq }) => seq > at).slice(0, limit),
      beyond: all.some(({ seq }) => seq <= at),
    })),
  'read-live-messages-after': (db, [userId, roomId, afterSeq, limit]) =>
    messageRows(db, { userId: userId, roomId: roomId }, (all) => ({
      page: all.filter(({ seq, deletedAt }) => seq > afterSeq && deletedAt === undefined).slice(0, limit),
    })),
  'read-messages-before-time': (db, [userId, roomId, , limit]) =>
    messageRows(db, { userId: userId, roomId: roomId }, (all) => ({
      page: all.filter(({ deletedAt }) => deletedAt === undefined).slice(-limit),
    })),
  'read-seq-of': (db, [messageId]) =>
    db.roomIds
      .flatMap((roomId) => db.room(roomId)!.messages)
      .filter(({ id }) => id === messageId)
      .map(({ roomId, seq }) => ({ room_id: roomId, seq })),
  'read-users': () => [],
  // No account is removed here.
  'removals-under-way': () => [],
  // What devices have is no count, and is looked at nowhere here.
  'read-own-heads': (db, [userId, roomIds]) =>
    known(db, roomIds).flatMap((roomId) =>
      db.isMember(roomId, userId) ? [{ roomId, seq: db.head(roomId).seq, people: 1 }] : [],
    ),
  'raise-delivered': () => [],
  maintain_outbox: () => [],
  // Nobody searches here.
  'claim-indexing': () => [],
  // Nobody sends files there.
  'settle-attachments': () => [],
  'read-doomed-attachments': () => [],
  'read-recent-revocations': () => [],
  'touch-devices-seen': () => [],
  'forget-ended-sign-ins': () => [],
  'forget-unseen-devices': () => [{ devices: 0 }],
  'read-marked-unread': (db, [userIds, roomIds, readEpochs]) =>
    (userIds as UserId[]).flatMap((userId, place) =>
      db.member(roomIds[place]!, userId).readEpoch > readEpochs[place]! ? [{ place }] : [],
    ),
  'read-recent-rooms': (db, [userIds, forMs]) =>
    (userIds as UserId[]).flatMap((userId) => recentRooms(db, userId, forMs as number)),
  // The reconciler would put right what must not go wrong in the first place: here it never comes to look.
  'read-outbox-tail': (db, [told, upTo, afterId, limit]) => [
    db.outbox.tail(db.session.nodeId, { told, upTo, afterId, limit }),
  ],

  'read-user-ids': () => {
    throw new RequestError('storage_unavailable')
  },

  'read-changed-messages': (db, [userId, roomIds, changes, limit]) =>
    (roomIds as RoomId[]).flatMap((roomId, index) => {
      if (!db.isMember(roomId, userId)) return []
      const since = (changes as number[])[index] ?? 0
      const changed = db.room(roomId)!.messages.filter(({ change }) => change > since)
      const page = changed.sort((a, b) => a.change - b.change).slice(0, limit)
      return [{ room_id: roomId, room_change: db.head(roomId).change, messages: columnsOf(page) }]
    }),
}

/** Statements without a name are told apart by the table they are about. */
const UNNAMED: readonly (readonly [part: string, answer: Answer])[] = [
  ['pending_read_seq', (db) => db.usersWithPendingReads().map((user_id) => ({ user_id }))],
  // The transaction that raises the ledger's epoch, statement by statement, and what closes the outbox behind it.
  ['as seen', () => [{ seen: '1:1:' }]],
  ['for update skip locked', () => []],
  ['as present from ledger_epoch', (db) => [{ epoch: db.epoch, history: 'one', present: 'one' }]],
  ['update ledger_epoch', (db) => [{ epoch: db.raiseEpoch() }]],
  ['into "users"', () => []],
]

/** @throws Error for a statement that the model does not know: it has to learn it. */
export function answerOf(db: DatabaseModel, { name, text, values }: Statement): unknown[] {
  const answer = name === '' ? UNNAMED.find(([part]) => text.includes(part))?.[1] : ANSWERS[name]
  if (answer === undefined) throw new Error(`the simulation does not know the statement ${name || text}`)
  return answer(db, values as unknown as Values)
}

const one = (answer: object): { answer: object }[] => [{ answer }]

function known(db: DatabaseModel, roomIds: readonly RoomId[]): RoomId[] {
  return roomIds.filter((roomId) => db.room(roomId) !== undefined)
}

function membersOf(db: DatabaseModel, roomId: RoomId): MemberState[] {
  return [...db.truth.rooms.get(roomId)!.members.keys()].map((userId) => db.member(roomId, userId))
}

function recentRooms(
  db: DatabaseModel,
  userId: UserId,
  forMs: number,
): { userId: UserId; roomIds: RoomId[] }[] {
  const payloads = db.outbox.within(forMs)
  const own = payloads.flatMap(({ members }) => members.filter((member) => member.userId === userId))
  const rooms = payloads.flatMap((payload) => payload.rooms)
  const theirs = rooms.filter(({ roomId }) =>
    membersOf(db, roomId).some((member) => member.userId === userId),
  )
  const roomIds = [...new Set([...own, ...theirs].map(({ roomId }) => roomId))]
  return roomIds.length === 0 ? [] : [{ userId, roomIds }]
}

function commitGroup(db: DatabaseModel, values: readonly unknown[]): GroupAnswer {
  const column = <T>(index: number): readonly T[] => (values[index] ?? []) as readonly T[]
  const rowUsers = column<UserId>(4)
  const roomAts = column<number>(6)
  const sends = roomAts.map(
    (roomAt, index): NewMessage => ({
      roomId: column<RoomId>(0)[roomAt - 1]!,
      senderId: rowUsers[column<number>(7)[index]! - 1] ?? null,
      counted: column<boolean>(12)[index] ?? true,
      id: column<MessageId>(13)[index]!,
      type: column<string>(14)[index]!,
      text: column<string>(15)[index]!,
      clientId: column<ClientId | null>(17)[index] ?? null,
      fingerprint: column<string>(18)[index]!,
    }),
  )
  const asked = column<RoomId>(20).map((roomId, index) => ({
    roomId,
    userId: column<UserId>(21)[index]!,
    readEpoch: column<number | null>(22)[index] ?? null,
  }))
  const reads = asked.filter(({ roomId, userId }) => db.isMember(roomId, userId))
  const { sent, advanced, committed, now } = db.group(sends, reads)
  return {
    outcomes: sent.map(({ outcome }) => (outcome === 'new' ? null : outcome)),
    messages: sent.map((result) => ('message' in result ? result.message : null)),
    now,
    times: null,
    reads: asked.map(({ roomId, userId }) => {
      if (!db.isMember(roomId, userId)) return [null, null]
      const { readSeq, readEpoch } = db.member(roomId, userId)
      return [readSeq, readEpoch]
    }),
    advanced,
    busyRows: null,
    ...inColumns(committed),
  }
}

function inColumns({
  rooms,
  members,
  outboxId,
}: Committed): Pick<GroupAnswer, 'rooms' | 'members' | 'outboxId'> {
  return {
    rooms: {
      roomId: rooms.map(({ roomId }) => roomId),
      kind: rooms.map(({ kind }) => kind),
      seq: rooms.map(({ seq }) => seq),
      tally: rooms.map(({ tally }) => tally),
      change: rooms.map(({ change }) => change),
      membership: rooms.map(({ membership }) => membership),
    },
    members: {
      roomId: members.map(({ roomId }) => roomId),
      userId: members.map(({ userId }) => userId),
      role: members.map(({ role }) => role),
      numbers: members.map(({ settled, version, readSeq, readEpoch, left, muted, archivedAtTally }) => [
        settled,
        version,
        readSeq,
        readEpoch,
        left ? 1 : 0,
        muted ? 1 : 0,
        archivedAtTally,
      ]),
    },
    outboxId,
  }
}

function snapshotRows(db: DatabaseModel, userId: UserId): object[] {
  return db.truth.snapshot(userId).map(({ roomId, kind, tally, change, settled, version, flags }) => ({
    user_id: userId,
    room_id: roomId,
    kind,
    tally,
    change,
    settled,
    version,
    has_left: flags.left,
    muted: flags.muted,
    archived_at_tally: flags.archivedAtTally,
  }))
}

function presentState(db: DatabaseModel, values: readonly unknown[]): object {
  const [roomIds, memberRooms, memberUsers, spanRooms, firsts, lasts, changedRooms, changes] = values as [
    RoomId[],
    RoomId[],
    UserId[],
    RoomId[],
    number[],
    number[],
    RoomId[],
    number[],
  ]
  const messages = (roomId: RoomId): readonly StoredMessage[] => db.room(roomId)!.messages
  return {
    rooms: roomIds.map((roomId) => db.head(roomId)),
    members: memberRooms.map((roomId, index) => db.member(roomId, memberUsers[index]!)),
    messages: spanRooms.flatMap((roomId, index) => messages(roomId).slice(firsts[index]! - 1, lasts[index]!)),
    changed: changedRooms.flatMap((roomId, index) =>
      messages(roomId).filter(({ change }) => change === changes[index]),
    ),
  }
}

/** Messages as `messagesIn` tells them. */
function columnsOf(messages: readonly StoredMessage[]): MessageColumns[] {
  return messages.map((m) => [
    m.id,
    m.seq,
    m.tally,
    m.change,
    m.senderId,
    m.clientId ?? null,
    m.type,
    m.text,
    m.data ?? null,
    m.counted,
    m.replyTo ?? null,
    m.createdAt,
    m.editedAt ?? null,
    m.deletedAt ?? null,
    m.reactions.length === 0 ? null : m.reactions,
  ])
}

function newestOf(db: DatabaseModel, roomId: RoomId): StoredMessage | undefined {
  return db.room(roomId)!.messages.findLast(({ deletedAt }) => deletedAt === undefined)
}

function previewRow(db: DatabaseModel, roomId: RoomId): object {
  const newest = newestOf(db, roomId)
  return {
    roomId,
    change: db.head(roomId).change,
    membership: db.head(roomId).membership,
    lastMessage: newest?.text ?? '',
    lastMessageAt: newest?.createdAt ?? null,
    lastSeq: newest?.seq ?? 0,
    lastSenderId: newest?.senderId ?? null,
  }
}

type ListPlace = { readonly lastAt: string; readonly id: string }

const isLater = (a: ListPlace, b: ListPlace): boolean =>
  a.lastAt === b.lastAt ? a.id > b.id : a.lastAt > b.lastAt

function roomRow(db: DatabaseModel, userId: UserId, roomId: RoomId) {
  const { messages, createdAt } = db.room(roomId)!
  const { seq, tally, change, membership } = db.head(roomId)
  const { readSeq, readEpoch, muted, archivedAtTally, role } = db.member(roomId, userId)
  const lastAt = messages.at(-1)?.createdAt ?? createdAt
  return {
    id: roomId,
    kind: 'group',
    key: null,
    title: null,
    metadata: {},
    seq,
    tally,
    change,
    membership,
    created_at: createdAt,
    updated_at: lastAt,
    last_at: lastAt,
    lastAt,
    newest: columnsOf([newestOf(db, roomId) ?? []].flat()),
    read_seq: readSeq,
    read_epoch: readEpoch,
    muted,
    role,
    archived: archivedAtTally !== null && archivedAtTally >= tally,
  }
}

function pageRows(
  db: DatabaseModel,
  asked: { userIds: UserId[]; roomIds: RoomId[]; places: number[]; limits: number[] },
  pick: (
    all: readonly StoredMessage[],
    at: number,
    limit: number,
  ) => { page: readonly StoredMessage[]; beyond: boolean },
): object[] {
  const { userIds, roomIds, places, limits } = asked
  return userIds.flatMap((userId, index) =>
    messageRows(db, { userId, roomId: roomIds[index] as RoomId }, (all) =>
      pick(all, places[index] as number, limits[index] as number),
    ).map((row) => ({ ...row, place: index + 1 })),
  )
}

function messageRows(
  db: DatabaseModel,
  { userId, roomId }: { userId: UserId; roomId: RoomId },
  pick: (all: readonly StoredMessage[]) => { page: readonly StoredMessage[]; beyond?: boolean },
): object[] {
  if (!db.isMember(roomId, userId)) return []
  const { page, beyond = false } = pick(db.room(roomId)!.messages)
  return [{ change: db.head(roomId).change, beyond, messages: columnsOf(page) }]
}
