import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { committedIn, type GroupAnswer } from '../../src/store/group-answer.ts'
import type { Answer, Call } from '../../test-support/interleaving-session.ts'
import { type Findings, Trials } from '../../test-support/interleaving-trials.ts'
import type { World } from '../../test-support/interleaving-world.ts'
import {
  deleteMessage,
  group,
  join,
  markUnread,
  readUpTo,
  removeAccount,
  removeAccountThatBlocks,
  setBlocked,
} from './actions.ts'
import { inWords } from './in-words.ts'
import { actionNamed } from './pairs.ts'

// Many schedules each, and several tests at a time.
vi.setConfig({ testTimeout: 120_000 })

let trials: Trials

beforeAll(async () => {
  trials = await Trials.open()
})

afterAll(async () => {
  await trials?.close()
  process.stdout.write(`${trials.schedules} schedules of hard cases\n`)
})

function expectNoFault({ failures, lockFaults }: Findings): void {
  expect(failures.map(inWords)).toEqual([])
  expect([...lockFaults]).toEqual([])
}

function send(world: World, sender: string): Call {
  return group({ sends: [{ room: world.id('r1'), sender: world.id(sender), id: world.id('new') }] })
}

/** What became of the first send of each side, in no order. */
function outcomesOf(answers: readonly Answer[]): string[] {
  return (answers as GroupAnswer[]).map(({ outcomes }) => outcomes?.[0] ?? 'new').sort()
}

/** The number that the one send of each side was answered. */
function seqsOf(answers: readonly Answer[]): (number | undefined)[] {
  return (answers as GroupAnswer[]).map(
    (answer) => answer.messages?.[0]?.seq ?? committedIn(answer).rooms[0]?.seq,
  )
}

describe.concurrent('one clientId from two connections', () => {
  test('is one message, and both get the same answer', async () => {
    const found = await trials.run((world) => {
      const send = { room: world.id('r1'), sender: world.id('ann'), clientId: 'c1' }
      return {
        a: group({ sends: [{ ...send, id: world.id('a') }] }),
        b: group({ sends: [{ ...send, id: world.id('b') }] }),
      }
    })
    expectNoFault(found)
    for (const answers of found.answers) {
      expect(outcomesOf(answers)).toEqual(['new', 'stored'])
      expect(seqsOf(answers)).toEqual([10, 10])
    }
  })

  test('with two texts is one message and one conflict', async () => {
    const found = await trials.run((world) => {
      const send = { room: world.id('r1'), sender: world.id('ann'), clientId: 'c1' }
      return {
        a: group({ sends: [{ ...send, id: world.id('a'), text: 'yes' }] }),
        b: group({ sends: [{ ...send, id: world.id('b'), text: 'no' }] }),
      }
    })
    expectNoFault(found)
    for (const answers of found.answers) expect(outcomesOf(answers)).toEqual(['client_id_conflict', 'new'])
  })
})

// Everything in a group happens at once, but its reads may have looked at what was there before the group began to wait:
// a group may end as if one of its actions came before the other group and one after it.
describe.concurrent('groups over the same rooms', () => {
  test('in opposite orders do not lock each other out', async () => {
    const pair = (world: World) => {
      const [r1, r2] = [world.id('r1'), world.id('r2')]
      const [ann, ben] = [world.id('ann'), world.id('ben')]
      return {
        a: group({
          sends: [
            { room: r1, sender: ann, id: world.id('a1') },
            { room: r2, sender: ben, id: world.id('a2') },
          ],
          reads: [{ room: r1, user: ben }],
        }),
        b: group({
          sends: [
            { room: r2, sender: ann, id: world.id('b1') },
            { room: r1, sender: ben, id: world.id('b2') },
          ],
          reads: [{ room: r2, user: ann }],
        }),
      }
    }
    expectNoFault(await trials.run(pair, { inPart: true }))
  })

  test('that wait for nobody do what they can', async () => {
    const pair = (world: World) => {
      const [r1, r2] = [world.id('r1'), world.id('r2')]
      const [ann, ben] = [world.id('ann'), world.id('ben')]
      return {
        a: group({
          sends: [
            { room: r1, sender: ann, id: world.id('a1') },
            { room: r2, sender: ann, id: world.id('a2') },
          ],
          wait: false,
        }),
        b: group({
          sends: [{ room: r1, sender: world.id('cat'), id: world.id('b') }],
          reads: [{ room: r2, user: ben }],
          wait: false,
        }),
      }
    }
    const found = await trials.run(pair, { inPart: true })
    expectNoFault(found)
    const outcomes = new Set(found.answers.flatMap(outcomesOf))
    expect([...outcomes].sort()).toEqual(['busy', 'new'])
  })
})

// cat blocks ben. What he sends touches her row, and begins to count for her when it has no sender any more.
describe.concurrent('a blocker', () => {
  const own = ['read at the head', 'read up to', 'mark unread', 'mute', 'archive', 'leave', 'unblock']
  const ownEverywhere = ['mark all read: start', 'mark all read: step']
  const others = ['send', 'removal'] as const
  const pairs = [...own, ...ownEverywhere].flatMap((name) => others.map((other) => ({ name, other })))
  test.for(pairs)('whose "$name" meets a $other of the one she blocks', async ({ name, other }) => {
    const found = await trials.run((world) => ({
      a: actionNamed(name).call({ world, reader: 'cat', side: 'a' }),
      b: other === 'send' ? send(world, 'ben') : removeAccount(world, 'ben'),
    }))
    expectNoFault(found)
  })
})

// What the account blocked begins to count in rooms of every step: once it was unblocked in the first one, unlocked.
describe.concurrent('an account that blocks somebody is removed room by room', () => {
  test('while the one it blocks sends', async () => {
    expectNoFault(
      await trials.run((world) => ({ a: send(world, 'ben'), b: removeAccountThatBlocks(world, 'cat', 1) })),
    )
  })

  // fay's removal is at the step that unblocks ann.
  const others: Record<string, (world: World) => Call> = {
    'a send': (world) => send(world, 'ann'),
    'a delete': (world) => deleteMessage(world, 6),
    'the removal of the other account': (world) => removeAccount(world, 'ann'),
    'a block in the other direction': (world) => setBlocked(world, 'ann', 'cat', true),
  }
  test.for(Object.keys(others))('while it unblocks the other, beside %s', async (other) => {
    expectNoFault(await trials.run((world) => ({ a: removeAccount(world, 'fay'), b: others[other]!(world) })))
  })

  // One that comes too late does nothing, where after the other it would have done the next step.
  test('while it unblocks the other on two nodes', async () => {
    const step = (world: World) => removeAccount(world, 'fay')
    expectNoFault(await trials.run((world) => ({ a: step(world), b: step(world) }), { inPart: true }))
  })
})

describe.concurrent('people who are in two things at once', () => {
  test('two who block each other', async () => {
    expectNoFault(
      await trials.run((world) => ({
        a: setBlocked(world, 'ann', 'ben', true),
        b: setBlocked(world, 'ben', 'ann', true),
      })),
    )
  })

  test('the same two who are brought in by two, in opposite orders', async () => {
    expectNoFault(
      await trials.run((world) => ({
        a: join(world, ['dan', 'eve'], 'unread'),
        b: join(world, ['eve', 'dan'], 'none'),
      })),
    )
  })

  test('somebody who sends while the first rooms of the account are removed', async () => {
    expectNoFault(
      await trials.run((world) => ({
        a: send(world, 'ben'),
        b: removeAccount(world, 'ben', { rooms: 2 }),
      })),
    )
  })
})

// The explorer leaves out what ends like something it ran (explorer.test.ts). Here it leaves out nothing.
describe.concurrent('with nothing left out it ends in no other way:', () => {
  test('mark unread beside a read', async () => {
    await expectSameEnds((world) => ({
      a: markUnread(world, 'ben'),
      b: readUpTo(world, { user: 'ben', seq: 6, epoch: 0 }),
    }))
  })

  test('mark unread beside a block', async () => {
    await expectSameEnds((world) => ({
      a: markUnread(world, 'ben'),
      b: setBlocked(world, 'ben', 'ann', true),
    }))
  })

  async function expectSameEnds(pair: Parameters<Trials['run']>[0]): Promise<void> {
    const few = await trials.run(pair)
    const all = await trials.run(pair, { all: true })
    expectNoFault(all)
    expect(all.ends).toEqual(few.ends)
    expect(all.schedules).toBeGreaterThan(few.schedules)
  }
})
