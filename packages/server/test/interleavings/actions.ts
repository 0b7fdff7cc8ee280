import type { ClientId, MessageId, RoomId, UserId } from '@tally/protocol'
import { groupStatement } from '../../src/store/commit-group.ts'
import type { Side } from '../../test-support/interleaving-explorer.ts'
import type { Call } from '../../test-support/interleaving-session.ts'
import type { World } from '../../test-support/interleaving-world.ts'

/**
 * Who reads, joins, leaves, blocks …: the one person whom both actions of a pair are about.
 * - `ben` is a member;
 * - `eve` never was one, so that a join is her first;
 * - `dan` was one and left, so that a join brings him back;
 * - `cat` is a member who blocks ben.
 */
export type Reader = 'ben' | 'eve' | 'dan' | 'cat'

/** Where an action takes place. */
type Scene = {
  readonly world: World
  readonly reader: Reader
  /** Names what this side makes: the two sides must not make the same. */
  readonly side: Side
}

export type Action = {
  readonly name: string
  /** What it is about; actions about everything meet those of every room. */
  readonly about: 'room' | 'new room' | 'feed' | 'devices' | 'everything'
  /** Whose action it can only be. */
  readonly reader?: Reader
  readonly call: (scene: Scene) => Call
}

/** What the database can be asked to do, always about the same room and the same people. */
export const ACTIONS: readonly Action[] = [
  inRoom('send', ({ world, side }) =>
    // The same from both sides: a retry that overtakes the original.
    group({ sends: [{ room: world.id('r1'), sender: world.id('ann'), id: world.id(side), clientId: 'c1' }] }),
  ),
  inRoom('send by the reader', ({ world, reader, side }) =>
    group({ sends: [{ room: world.id('r1'), sender: world.id(reader), id: world.id(side) }] }),
  ),
  inRoom('send that waits for nobody', ({ world, side }) =>
    group({ sends: [{ room: world.id('r1'), sender: world.id('ben'), id: world.id(side) }], wait: false }),
  ),
  inRoom('read at the head', ({ world, reader }) =>
    group({ reads: [{ room: world.id('r1'), user: world.id(reader) }] }),
  ),
  inRoom('read up to', ({ world, reader }) => readUpTo(world, { user: reader, seq: 6, epoch: 0 })),
  inRoom('mark unread', ({ world, reader }) => markUnread(world, reader)),
  inRoom('delete what was read', ({ world }) => deleteMessage(world, 3)),
  inRoom('delete what is unread', ({ world }) => deleteMessage(world, 6)),
  inRoom('edit', ({ world, side }) =>
    call('edit_message', world.id('ann'), world.id('r1'), 6, `edited by ${side}`),
  ),
  inRoom('react', ({ world }) => call('react', world.id('cat'), world.id('r1'), 6, '👍', true, MANY)),
  everywhere('block', ({ world, reader }) =>
    setBlocked(world, reader, reader === 'dan' ? 'cat' : 'ann', true),
  ),
  everywhere('unblock', ({ world, reader }) =>
    reader === 'dan' ? setBlocked(world, 'dan', 'ann', false) : setBlocked(world, 'cat', 'ben', false),
  ),
  { ...inRoom('join', ({ world }) => join(world, ['eve'], 'none')), reader: 'eve' },
  { ...inRoom('join with history', ({ world }) => join(world, ['eve'], 'unread')), reader: 'eve' },
  { ...inRoom('join again', ({ world }) => join(world, ['dan'], 'none')), reader: 'dan' },
  { ...inRoom('join again with history', ({ world }) => join(world, ['dan'], 'unread')), reader: 'dan' },
  inRoom('leave', ({ world, reader }) => remove(world, reader, reader)),
  inRoom('kick', ({ world, reader }) => remove(world, 'ann', reader)),
  inRoom('repair', ({ world, reader }) => call('repair_member', world.id(reader), world.id('r1'))),
  inRoom('mute', ({ world, reader }) => call('set_muted', world.id(reader), world.id('r1'), true)),
  inRoom('archive', ({ world, reader }) => call('set_archived', world.id(reader), world.id('r1'), true)),
  everywhere('mark all read: start', ({ world, reader }) => call('start_mark_all_read', world.id(reader))),
  everywhere('mark all read: step', ({ world, reader }) => call('step_mark_all_read', world.id(reader), 1)),
  inRoom('purge', ({ world }) => call('purge_messages', world.id('r1'), 0, 7, MANY)),
  inRoom('room deletion', ({ world }) => call('delete_room', world.id('ann'), world.id('r1'))),
  everywhere("removal of the reader's account", ({ world, reader }) => removeAccount(world, reader)),
  everywhere("removal of the sender's account", ({ world }) => removeAccount(world, 'ann')),
  inRoom('new title', ({ world, side }) =>
    call('update_room', world.id('ann'), world.id('r1'), true, side, null),
  ),
  inFeed('notification', ({ world, side }) =>
    group({ sends: [{ room: world.id('feed:ben'), sender: null, id: world.id(side) }] }),
  ),
  inFeed('read one notification', ({ world }) =>
    call('read_notifications', world.id('ben'), [`${world.id('feed:ben')}/3`]),
  ),
  inFeed('read all notifications', ({ world }) => call('read_notifications', world.id('ben'), null)),
  inFeed('archive notifications', ({ world }) =>
    call(
      'archive_notifications',
      world.id('ben'),
      [`${world.id('feed:ben')}/3`, `${world.id('feed:ben')}/1`],
      true,
    ),
  ),
  inFeed('archive what was read', ({ world }) => call('archive_notifications', world.id('ben'), null, true)),
  {
    ...inFeed('first notification', ({ world, side }) =>
      inTurn(
        call('ensure_feeds', [world.id('eve')]),
        group({ sends: [{ room: world.id('feed:eve'), sender: null, id: world.id(side) }] }),
      ),
    ),
    reader: 'eve',
  },
  onDevices('device', ({ world, side }) => putDevice(world, `device-${side}`)),
  onDevices('the same device', ({ world }) => putDevice(world, 'device')),
  onDevices('end of a device', ({ world }) => call('end_device', world.id('ben'), 'device')),
  onDevices('sign-out', ({ world }) => call('sign_out', world.id('ben'), 'sign-in')),
  onDevices('end of all sessions', ({ world }) => call('revoke_sessions', world.id('ben'))),
  { name: 'new room', about: 'new room', call: ({ world, reader, side }) => createRoom(world, reader, side) },
]

/** No limit of these tests is ever reached. */
const MANY = 100

function inRoom(name: string, callOf: Action['call']): Action {
  return { name, about: 'room', call: callOf }
}

function inFeed(name: string, callOf: Action['call']): Action {
  return { name, about: 'feed', call: callOf }
}

/** All by the one sign-in that there is. */
function onDevices(name: string, callOf: Action['call']): Action {
  return { name, about: 'devices', call: callOf }
}

/** Before any session of these tests was ended. */
const ISSUED_AT = '2026-01-02T00:00:00Z'

function putDevice(world: World, device: string): Call {
  const looks = ['computer', null, null, null]
  return call('put_device', world.id('ben'), device, 'sign-in', ISSUED_AT, ...looks, MANY, MANY)
}

function everywhere(name: string, callOf: Action['call']): Action {
  return { name, about: 'everything', call: callOf }
}

/** Each once the one before was committed. */
function inTurn(first: Call, ...others: readonly Call[]): Call {
  const [next, ...rest] = others
  return next === undefined ? first : { ...first, next: inTurn(next, ...rest) }
}

function call(name: string, ...args: unknown[]): Call {
  return { name, args, skipsLocked: false }
}

/** A read in flight: it was asked for when the member's `read_epoch` was `epoch`. */
export function readUpTo(
  world: World,
  { user, seq, epoch }: { user: string; seq: number; epoch: number },
): Call {
  return call('read_up_to', world.id(user), world.id('r1'), seq, epoch)
}

export function markUnread(world: World, user: string): Call {
  return call('mark_unread', world.id(user), world.id('r1'), 2)
}

export function deleteMessage(world: World, seq: number): Call {
  return call('delete_message', world.id('ann'), world.id('r1'), seq)
}

export function setBlocked(world: World, blocker: string, blocked: string, on: boolean): Call {
  return call('set_blocked', world.id(blocker), world.id(blocked), on, MANY)
}

/** Brought by ann, who runs the room; dan, who blocked her, by the host. */
export function join(world: World, users: readonly string[], history: 'none' | 'unread'): Call {
  const people = users.map((user) => world.id(user))
  const actor = users.includes('dan') ? null : world.id('ann')
  return call('add_members', actor, world.id('r1'), people, 'member', history, MANY, MANY)
}

function remove(world: World, actor: string, user: string): Call {
  return call('remove_member', world.id(actor), world.id('r1'), world.id(user))
}

/** Where everything is, and then all of it. */
export function markAllRead(world: World, user: string): Call {
  return inTurn(call('start_mark_all_read', world.id(user)), call('step_mark_all_read', world.id(user), MANY))
}

/** In all rooms, and at last in the feed: of somebody who blocks nobody. */
export function removeWholeAccount(world: World, user: string): Call {
  return inTurn(removeAccount(world, user), removeAccount(world, user, { after: world.id('r2') }))
}

/** Whom it blocks, if anybody, and so many of its rooms. */
export function removeAccountThatBlocks(world: World, user: string, rooms = MANY): Call {
  return inTurn(removeAccount(world, user, { rooms }), removeAccount(world, user, { rooms }))
}

/** The first step of a removal, or the next one of what is under way. */
export function removeAccount(world: World, user: string, { after = '', rooms = MANY } = {}): Call {
  return call('remove_account', world.id(user), null, after, rooms, MANY)
}

/** By whatever side, it is the same room: it has the same key. */
function createRoom(world: World, reader: Reader, side: Side): Call {
  const [id, key, creator] = [world.id(`new-${side}`), world.id('key'), world.id('ann')]
  const people = [creator, world.id(reader)]
  const roles = ['owner', 'member']
  return call('create_room', id, 'group', key, null, '{}', 'none', creator, people, roles, MANY, MANY)
}

type Send = { room: string; sender: string | null; id: string; text?: string; clientId?: string }
type Read = { room: string; user: string }

/** A call of the group commit (store/commit-group.ts). */
export function group({
  sends = [],
  reads = [],
  wait = true,
}: {
  sends?: Send[]
  reads?: Read[]
  wait?: boolean
}): Call {
  const { values } = groupStatement({
    sends: sends.map(({ room, sender, id, text = 'hello', clientId }) => ({
      kind: sender === null ? 'system' : 'member',
      id: id as MessageId,
      roomId: room as RoomId,
      senderId: sender as UserId | null,
      text,
      type: 'text',
      fingerprint: text,
      counted: true,
      receivedAtMs: 0,
      ...(clientId === undefined ? {} : { clientId: clientId as ClientId }),
    })),
    reads: reads.map(({ room, user }) => ({ roomId: room as RoomId, userId: user as UserId })),
    wait,
  })
  return { name: 'commit_group', args: [...values], skipsLocked: !wait }
}
