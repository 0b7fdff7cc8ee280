import assert from 'node:assert/strict'
import type { Badge, Message, RoomId, UserId, WireBadge } from '@tally/protocol'
import type { StoredMessage } from '../../src/core/committed.ts'
import type { LedgerView } from '../../src/core/ledger-view.ts'
import type { Journal } from './journal.ts'
import { ROOMS, USERS, type World } from './world.ts'

type ReadyView = Extract<LedgerView, { state: 'ready' }>
/**
 * A row that got lost shows by the total it is part of. One that the total does not depend on (of a room that is muted,
 * archived, left, or without anything unread) a device may miss until the room changes again or the device comes back.
 */
type Extent = 'the badge' | 'everything'
type Numbers = { total: number; unreadRooms: number; notifications: number }

/** tally − settled = recount for every row there ever was. */
export function checkDatabase({ database }: World): void {
  const { truth } = database.model
  for (const { room, userId, member } of truth.rows()) {
    const recount = truth.recount(room.roomId, userId)
    assert.equal(room.tally - member.settled, recount, `tally - settled of ${userId} in ${room.roomId}`)
  }
}

/** The ledger says what follows from the recount and from what is open; every device shows what the ledger says. */
export async function checkBadges(world: World, { extent }: { extent: Extent }): Promise<void> {
  for (const userId of USERS) {
    const view = await readLedger(world, userId)
    const expected = checkLedger(world, userId, view)
    for (const screen of screensOf(world, userId)) {
      assert.deepEqual(screen.badge(), expected, `the badge that ${screen.name} shows`)
      if (extent === 'the badge') continue
      for (const roomId of ROOMS) {
        const unread = unreadIn(world, userId, { roomId, view })
        const shown = screen.unread(roomId)
        if (shown !== null) assert.equal(shown, unread, `${roomId} on ${screen.name}`)
      }
    }
  }
}

/** What was written is stored once, or is there to see as refused; of a device that is gone once or not at all. */
export function checkMessages(world: World): void {
  const stored = new Map<string, number>()
  for (const roomId of ROOMS) {
    for (const { clientId } of world.database.model.room(roomId)!.messages) {
      if (clientId !== undefined) stored.set(clientId, (stored.get(clientId) ?? 0) + 1)
    }
  }
  for (const device of [...world.devices, ...world.gone]) {
    for (const { clientId, roomId, text } of device.written) {
      const copies = stored.get(clientId) ?? 0
      const what = `"${text}" of ${device.name} in ${roomId}`
      if (device.isGone) {
        assert(copies <= 1, `${what} is stored ${copies} times`)
        continue
      }
      const pending = device.client
        .room(roomId)
        .messages.get()
        .items.find((item) => item.state !== 'sent' && item.clientId === clientId)
      assert(pending?.state !== 'sending', `${what} is still on its way`)
      assert.equal(copies, pending === undefined ? 1 : 0, `${what}, ${pending?.state ?? 'sent'}, is stored`)
    }
  }
}

/**
 * What a device shows of a room it has open are the room's messages as they are stored, with their marks and reactions,
 * without a gap, to the last. (One that was marked unread while it was open is a room of the list again: of it the device
 * may miss what rows may miss.)
 */
export function checkScreens(world: World): void {
  const { model } = world.database
  for (const { name, userId, client, openRooms } of world.devices) {
    const joined = joinedRooms(world, userId, name)
    for (const roomId of openRooms) {
      if (!joined.has(roomId) || !model.isMember(roomId, userId)) continue
      // Out of the room for a while, it may not have heard that it is in again: that would have been a row, too.
      if (client.room(roomId).state.get() === undefined) continue
      const { items, hasAfter } = client.room(roomId).messages.get()
      const shown = items.flatMap((item) => (item.state === 'sent' ? [lookOf(item)] : []))
      const first = shown[0]?.seq ?? 1
      const stored = model
        .room(roomId)!
        .messages.slice(first - 1)
        .map(lookOf)
      const expected = hasAfter ? stored.slice(0, shown.length) : stored
      noteShown(world.journal, shown)
      assert.deepEqual(shown, expected, `the messages of ${roomId} on ${name}`)
    }
  }
}

/**
 * The same of an app that shows what it was told last: what is there to be seen of the room, and nothing of what is gone.
 * (A message that was gone before it could be told has no place on it.)
 */
export function checkApps(world: World): void {
  const { model } = world.database
  for (const { name, userId, openRoom, shown } of world.apps) {
    if (openRoom === undefined || shown === undefined) continue
    if (!model.isMember(openRoom, userId) || !joinedRooms(world, userId, name).has(openRoom)) continue
    const first = shown[0]?.seq ?? 1
    const stored = model.room(openRoom)!.messages.filter(({ seq }) => seq >= first)
    const [seen, expected] = [shown, stored].map((messages) =>
      messages.filter(({ deletedAt }) => deletedAt === undefined).map(lookOf),
    )
    if (shown.length > 0) world.journal.happened('an installed app showed messages at the end')
    assert.deepEqual(seen, expected, `the messages of ${openRoom} on ${name} of ${userId}`)
  }
}

type Look = Pick<StoredMessage, 'seq' | 'text'> & {
  readonly editedAt: string | undefined
  readonly deletedAt: string | undefined
  /** Who gave what, in the order of the alphabet: in which they stand on the screen is not looked at. */
  readonly reactions: readonly string[]
}

/** What of a message can be seen, and can change. */
function lookOf({
  seq,
  text,
  editedAt,
  deletedAt,
  reactions,
}: Pick<Message | StoredMessage, 'seq' | 'text' | 'editedAt' | 'deletedAt' | 'reactions'>): Look {
  const given = reactions.flatMap(({ emoji, userIds }) => userIds.map((userId) => `${emoji} of ${userId}`))
  // Of a deleted one nobody sees that it was edited before.
  const edited = deletedAt === undefined ? editedAt : undefined
  return { seq, text, editedAt: edited, deletedAt, reactions: given.sort() }
}

/** Screens that agree prove only as much as there was on them. */
function noteShown(journal: Journal, shown: readonly Look[]): void {
  if (shown.length > 0) journal.happened('an open room showed messages at the end')
  for (const { editedAt, deletedAt, reactions } of shown) {
    if (editedAt !== undefined) journal.happened('an open room showed an edited message at the end')
    if (deletedAt !== undefined) journal.happened('an open room showed a deleted message at the end')
    if (reactions.length > 0) journal.happened('an open room showed reactions at the end')
  }
}

/** Nothing counts as open on a device that is connected if it was made unread, or joined anew, since it was opened. */
export function checkOpens({ nodes, database: { model } }: World): void {
  for (const userId of USERS) {
    for (const { deviceId, rooms } of nodes.flatMap(({ ctx }) => [...ctx.devices.of(userId)])) {
      for (const [roomId, readEpoch] of rooms) {
        assert.equal(
          readEpoch,
          model.member(roomId, userId).readEpoch,
          `the epoch of ${roomId} on ${deviceId}`,
        )
      }
    }
  }
}

/** Rooms that this device has joined, as its node knows it. */
function joinedRooms({ nodes }: World, userId: UserId, name: string): Set<RoomId> {
  const connected = nodes.flatMap(({ ctx }) => [...ctx.devices.of(userId)])
  const own = connected.filter(({ deviceId }) => deviceId.startsWith(`socket:${name}-`))
  return new Set(own.flatMap(({ rooms }) => [...rooms.keys()]))
}

async function readLedger({ nodes }: World, userId: UserId): Promise<ReadyView> {
  const { ctx } = nodes[0]!
  await ctx.warmer.ensure([userId])
  const [view] = await ctx.ledger.read([{ userId, rooms: ROOMS }])
  assert(view?.state === 'ready', `the ledger is ${view?.state} for ${userId}`)
  return view
}

/** @returns the badge as it has to be. */
function checkLedger(world: World, userId: UserId, view: ReadyView): Numbers {
  const shown = new Map(view.rooms.map((room) => [room.roomId, room]))
  const expected = { total: 0, unreadRooms: 0, notifications: 0 }
  for (const roomId of ROOMS) {
    const unread = shownUnread(world, userId, { roomId, opens: view.opens })
    assert.equal(shown.get(roomId)?.shown ?? 0, unread, `the ledger's number for ${userId} in ${roomId}`)
    if (unread === 0 || !counts(world, userId, roomId)) continue
    expected.total += unread
    expected.unreadRooms += 1
  }
  const { total, unreadRooms, notifications } = view.badge
  assert.deepEqual({ total, unreadRooms, notifications }, expected, `the ledger's badge of ${userId}`)
  if (expected.total > 0) world.journal.happened('a badge was left at the end')
  return expected
}

function shownUnread(
  { database: { model }, journal }: World,
  userId: UserId,
  { roomId, opens }: { roomId: RoomId; opens: readonly RoomId[] },
): number {
  const recount = model.truth.recount(roomId, userId)
  if (!model.isMember(roomId, userId)) return 0
  if (!opens.includes(roomId)) return recount
  if (recount > 0) journal.happened('a lease hid something unread')
  return 0
}

function unreadIn(
  world: World,
  userId: UserId,
  { roomId, view }: { roomId: RoomId; view: ReadyView },
): number | undefined {
  if (!world.database.model.isMember(roomId, userId)) return undefined
  return shownUnread(world, userId, { roomId, opens: view.opens })
}

/** Whether the room's number is a part of the person's total. */
function counts({ database: { model } }: World, userId: UserId, roomId: RoomId): boolean {
  if (!model.isMember(roomId, userId)) return false
  const { muted, archivedAtTally } = model.member(roomId, userId)
  return !muted && (archivedAtTally === null || archivedAtTally < model.head(roomId).tally)
}

type Screen = {
  readonly name: string
  badge(): Numbers | undefined
  /** `undefined`: the room is not there; `null`: there is no list. */
  unread(roomId: RoomId): number | undefined | null
}

/** Where the person sees numbers. */
function screensOf(world: World, userId: UserId): Screen[] {
  const devices = world.devices.filter((device) => device.userId === userId)
  const pages = world.pollers.filter((poller) => poller.userId === userId)
  const apps = world.apps.filter((app) => app.userId === userId)
  return [
    ...devices.map(({ name, client }) => {
      assert.equal(client.connection.get().state, 'live', `the connection of ${name}`)
      return {
        name,
        badge: () => numbersOf(client.badge.get() ?? undefined),
        unread: (roomId: RoomId) => client.room(roomId).state.get()?.me.unread,
      }
    }),
    ...pages.map((page) => ({
      name: `${userId}'s page`,
      badge: () => numbersOf(page.badge),
      unread: (roomId: RoomId) => page.unread.get(roomId),
    })),
    // Its list it loads itself, when it is opened.
    ...apps.map(({ name, badge }) => ({ name, badge: () => toldNumbers(badge), unread: () => null })),
  ]
}

function numbersOf(badge: Badge | undefined): Numbers | undefined {
  if (badge === undefined) return undefined
  const { total, unreadRooms, notifications } = badge
  return { total: total ?? Number.NaN, unreadRooms, notifications }
}

function toldNumbers(badge: WireBadge | undefined): Numbers | undefined {
  if (badge === undefined) return undefined
  const { totalUnreadCount, unreadRooms, notifications } = badge
  return { total: totalUnreadCount, unreadRooms, notifications }
}
