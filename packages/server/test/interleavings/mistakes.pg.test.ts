import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type FunctionSource,
  readFunctions,
  withOtherWords,
  withoutLocks,
} from '../../test-support/interleaving-functions.ts'
import { type Findings, type Pair, Trials } from '../../test-support/interleaving-trials.ts'
import { deleteMessage, group, markUnread, removeAccount } from './actions.ts'
import { inWords } from './in-words.ts'
import { actionNamed, pairOf } from './pairs.ts'

/** A mistake that somebody could make in a function, and what gives it away. */
type Mistake = {
  readonly name: string
  readonly plant: () => FunctionSource
  readonly pair: Pair
  /** What is wrong then. */
  readonly fault: RegExp
}

const RECOUNT = /unread is \d+, the recount \d+/
const DEADLOCK = /40P01 deadlock detected/
const NO_ORDER = /it ended as in no order of the two/

const LOCK_ROOM = '  perform from rooms r where r.id = p_room_id for no key update;\n'

/** Locks that were left out. */
const WITHOUT_LOCKS: readonly Mistake[] = [
  {
    name: 'delete beside mark unread, without all member rows',
    plant: () => withoutLocks(functionNamed('delete_message'), 'lock members'),
    pair: beside('delete what was read', 'mark unread'),
    fault: /ben in r1: unread is 4, the recount 3/,
  },
  {
    name: 'block beside a first join, without the people',
    plant: () => withoutLocks(functionNamed('lock_users')),
    pair: beside('block', 'join with history'),
    fault: /eve in r1: unread is 7, the recount 4/,
  },
  {
    name: 'delete beside a join with history, which goes without the room',
    plant: () => withoutLocks(functionNamed('add_members'), 'lock room'),
    pair: beside('delete what was read', 'join with history'),
    fault: /eve in r1: unread is 7, the recount 6/,
  },
  {
    name: 'leave beside send, without the room',
    plant: () => withoutLocks(functionNamed('remove_member'), 'lock room'),
    pair: beside('leave', 'send by the reader'),
    fault: DEADLOCK,
  },
  {
    name: 'two sends, without any locks',
    plant: () => withoutLocks(functionNamed('commit_group')),
    pair: beside('send', 'send by the reader'),
    // The room's row, once it has risen, keeps the numbers apart; the order of locks does not survive.
    fault: /"commit_group: rise" locks 1 room r1 after 2 member r1/,
  },
  {
    name: 'one clientId twice, without any locks',
    plant: () => withoutLocks(functionNamed('commit_group')),
    pair: beside('send', 'send'),
    fault: /23505 duplicate key value/,
  },
  {
    name: 'send beside block, which goes without the rooms',
    plant: () => withoutLocks(functionNamed('set_blocked'), 'lock rooms'),
    pair: beside('send', 'block'),
    fault: RECOUNT,
  },
  {
    name: 'read beside block, which goes without the member rows',
    plant: () => withoutLocks(functionNamed('set_blocked'), 'lock members'),
    pair: beside('read up to', 'block'),
    fault: RECOUNT,
  },
  {
    name: 'read in one statement',
    plant: () => withoutLocks(functionNamed('read_up_to'), 'lock member'),
    pair: beside('read up to', 'send by the reader'),
    fault: RECOUNT,
  },
  {
    name: 'read at the head in one statement',
    plant: () => withoutLocks(functionNamed('commit_group'), 'lock members'),
    pair: beside('read at the head', 'send by the reader'),
    fault: RECOUNT,
  },
  {
    name: 'mark unread in one statement',
    plant: () => withoutLocks(functionNamed('mark_unread'), 'lock member'),
    pair: beside('mark unread', 'delete what is unread'),
    fault: RECOUNT,
  },
  {
    name: 'a step of mark all read in one statement',
    plant: () => withoutLocks(functionNamed('step_mark_all_read'), 'lock members'),
    pair: beside('mark all read: step', 'send by the reader'),
    fault: RECOUNT,
  },
  {
    name: 'purge beside read, without all member rows',
    plant: () => withoutLocks(functionNamed('purge_messages'), 'lock members'),
    pair: beside('purge', 'read up to'),
    fault: /ben in r1: unread is -1/,
  },
  {
    name: 'two reactions, without the room',
    plant: () => withoutLocks(functionNamed('react'), 'lock room'),
    pair: beside('react', 'react'),
    fault: /23505 duplicate key value/,
  },
  {
    name: 'edit beside room deletion, without the room',
    plant: () => withoutLocks(functionNamed('edit_message'), 'lock room'),
    pair: beside('edit', 'room deletion'),
    fault: NO_ORDER,
  },
  {
    name: 'one notification read beside all of them, without the row',
    plant: () => withoutLocks(functionNamed('read_notifications'), 'lock member'),
    pair: beside('read one notification', 'read all notifications'),
    fault: DEADLOCK,
  },
  {
    name: 'a notification archived beside all of them read, without the row',
    plant: () => withoutLocks(functionNamed('archive_notifications'), 'lock member'),
    pair: beside('archive notifications', 'read all notifications'),
    fault: DEADLOCK,
  },
  {
    name: 'a device ended while it is put, without the person',
    plant: () => withoutLocks(functionNamed('end_device'), 'lock user'),
    pair: beside('the same device', 'end of a device'),
    fault: /23514 new row for relation "sign_ins"|40P01/,
  },
  {
    name: "a blocker's mark unread beside the removal of the blocked account, without the member rows",
    plant: () => withoutLocks(functionNamed('remove_account'), 'lock members'),
    pair: (world) => ({ a: markUnread(world, 'cat'), b: removeAccount(world, 'ben') }),
    fault: RECOUNT,
  },
  {
    name: 'send beside the removal of the account, without the rooms',
    plant: () => withoutLocks(functionNamed('remove_account'), 'lock rooms'),
    pair: beside('send by the reader', "removal of the reader's account"),
    fault: DEADLOCK,
  },
]

/** Other mistakes that only show while two things happen. */
const OTHERS: readonly Mistake[] = [
  {
    name: 'rooms locked in another order than everybody locks them in',
    plant: () =>
      withOtherWords(functionNamed('commit_group'), /order by r\.id/g, 'order by r.id desc', 'lock rooms'),
    pair: (world) => ({
      a: group({
        sends: ['r1', 'r2'].map((room) => ({
          room: world.id(room),
          sender: world.id('ann'),
          id: world.id(`to-${room}`),
        })),
      }),
      b: deleteMessage(world, 3),
    }),
    fault: /"commit_group: lock rooms" locks 1 room r1 after 1 room r2/,
  },
  {
    name: 'member rows locked before the room',
    plant: () =>
      withOtherWords(functionNamed('mark_unread'), /--\| step mark\n/, `--| step lock room\n${LOCK_ROOM}$&`),
    pair: beside('mark unread', 'mute'),
    fault: /"mark_unread: lock room" locks 1 room r1 after 2 member r1 ben/,
  },
  {
    name: 'a feed that was filled before another gets to make it',
    plant: () =>
      withOtherWords(functionNamed('ensure_feeds'), /\n *where not exists \([^;]*;/, ';', 'look again'),
    pair: beside('first notification', 'first notification'),
    fault: /eve in feed:eve: unread is 1, the recount 0/,
  },
  {
    name: 'a row that is written before it is locked',
    plant: () => withoutLocks(functionNamed('delete_message'), 'lock members'),
    pair: beside('delete what is unread', 'mute'),
    fault: /"delete_message: settle" writes what is not locked: member r1 ben/,
  },
  {
    name: 'a tally that counts one message twice',
    plant: () =>
      withOtherWords(functionNamed('commit_group'), /tally = r\.tally/, 'tally = r.tally + 1', 'rise'),
    pair: beside('send', 'send'),
    fault: /r1: tally is 10 of 9 counted messages/,
  },
  {
    name: 'a row that changes under the version it had',
    plant: () => withOtherWords(functionNamed('set_muted'), /m\.version \+ 1/, 'm.version'),
    pair: beside('mute', 'read up to'),
    fault: /ben in r1: changed without a higher version/,
  },
  {
    name: 'a version that starts anew with a new membership',
    plant: () => withOtherWords(functionNamed('join_room'), /version = m\.version \+ 1/, 'version = 1'),
    pair: beside('join again', 'send'),
    fault: /dan in r1: version or read_epoch fell/,
  },
  {
    name: 'a version that is set, not raised',
    plant: () =>
      withOtherWords(functionNamed('commit_group'), /m\.version \+ due\.messages/, '1 + due.messages'),
    pair: beside('send by the reader', 'mute'),
    fault: /ben in r1: .*version/,
  },
  {
    name: 'a row that is written and not told of',
    plant: () => withOtherWords(functionNamed('delete_message'), /v_touched\)/, 'null)', 'record'),
    pair: beside('delete what is unread', 'react'),
    fault: /in r1: the ledger was told/,
  },
  {
    name: 'a row that is written and not in the outbox',
    plant: () =>
      withOtherWords(
        functionNamed('commit_group'),
        /json_agg\(.*\), '\[\]'\)/,
        "json_agg(k) filter (where false), '[]')",
        'record',
      ),
    pair: beside('send', 'react'),
    fault: /ann in r1: changed and is not in the outbox/,
  },
  {
    name: 'a room that changed and is not told of',
    plant: () => withOtherWords(functionNamed('edit_message'), /case when v_changed[^,]*/, 'null', 'record'),
    pair: beside('edit', 'mark unread'),
    fault: /r1: the ledger was told tally 8, change 9; they are 8, 10/,
  },
]

// Many schedules each, and several tests at a time.
vi.setConfig({ testTimeout: 120_000 })

let trials: Trials

beforeAll(async () => {
  trials = await Trials.open()
})

afterAll(() => trials?.close())

// A test that found nothing here would find nothing in every-pair.pg.test.ts either.
describe.concurrent('the interleavings give away', () => {
  test.for([...WITHOUT_LOCKS, ...OTHERS])('$name', async ({ plant, pair, fault }) => {
    const isEnough = (findings: Findings) => fault.test(wordsOf(findings))
    const found = await trials.run(pair, { mistaken: [plant()], isEnough })
    expect(wordsOf(found)).toMatch(fault)
  })
})

function wordsOf({ failures, lockFaults }: Findings): string {
  return [...failures.map(inWords), ...lockFaults].join('\n')
}

function functionNamed(name: string): FunctionSource {
  const source = readFunctions().find((each) => each.name === name)
  if (source === undefined) throw new Error(`no function ${name}`)
  return source
}

function beside(action: string, other: string): Pair {
  return pairOf(actionNamed(action), actionNamed(other))
}
