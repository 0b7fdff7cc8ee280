import { type ReadEpoch, RequestError, type RoomId, type Seq, type WireUser } from '@tally/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { RealtimeProvider, Subscription } from '../src/provider.ts'
import type { TabGroup } from '../src/tab-group.ts'
import { TabHub } from '../src/tab-hub.ts'
import type { TabId } from '../src/tab-messages.ts'

const [R, S] = ['r', 's'] as RoomId[] as [RoomId, RoomId]
const ANN: WireUser = { id: 'ann', name: 'Ann', user_type: null } as unknown as WireUser
const LEADER = 'tab-1'
const FOLLOWER = 'tab-2'

/** What was asked of the server, in order; each answer comes when it is let through. */
let asked: string[]
let held: Map<string, PromiseWithResolvers<void>>
let hub: TabHub

beforeEach(() => {
  asked = []
  held = new Map()
  hub = new TabHub({ tabId: LEADER, post: () => {} } as unknown as TabGroup)
  hub.attach(provider as unknown as RealtimeProvider, ANN)
})

async function ask(what: string): Promise<void> {
  asked.push(what)
  await held.get(what)?.promise
}

const provider = {
  transport: 'websocket',
  subscribe: async (roomId: RoomId): Promise<Subscription> => {
    await ask(`join ${roomId}`)
    return { roomId, seq: 0 as Seq, readSeq: 0 as Seq, readEpoch: 0 as ReadEpoch }
  },
  unsubscribe: (roomId: RoomId) => ask(`leave ${roomId}`),
  send: async (event: string, { visible }: { visible: boolean }) => {
    await ask(`${event} ${visible}`)
    return {}
  },
}

const subscribe = (tab: TabId, roomId: RoomId) => hub.ask({ method: 'subscribe', roomId }, tab)
const unsubscribe = (tab: TabId, roomId: RoomId) => hub.ask({ method: 'unsubscribe', roomId }, tab)
const show = (tab: TabId, visible: boolean) =>
  hub.ask({ method: 'send', event: 'visibility', payload: { visible } }, tab)

/** Holds the answer to this back until it is told to let it through. */
function hold(what: string): PromiseWithResolvers<void> {
  const answer = Promise.withResolvers<void>()
  held.set(what, answer)
  return answer
}

describe('the connection of several tabs', () => {
  test('is in view while the tab that holds it is, whoever else hides', async () => {
    await hub.ask({ method: 'hello', visible: false }, FOLLOWER)
    expect(asked).toEqual([])
    await show(LEADER, false)
    expect(asked).toEqual(['visibility false'])
  })

  test('keeps a room that one tab opens while another closes it', async () => {
    await subscribe(FOLLOWER, R)
    const answer = hold(`join ${R}`)
    const opening = subscribe(LEADER, R)
    await unsubscribe(FOLLOWER, R)
    answer.resolve()
    await opening
    expect(asked).toEqual(['join r', 'join r'])
  })

  test('keeps a room that is opened while others are left', async () => {
    await subscribe(FOLLOWER, R)
    const leaving = hold(`leave ${R}`)
    const closing = unsubscribe(FOLLOWER, R)
    await expect.poll(() => asked).toEqual(['join r', 'leave r'])
    const opening = subscribe(LEADER, S)
    await expect.poll(() => asked).toEqual(['join r', 'leave r', 'join s'])
    leaving.resolve()
    await Promise.all([opening, closing])
    expect(asked).toEqual(['join r', 'leave r', 'join s'])
  })

  test('leaves no room behind that could not be opened', async () => {
    hold(`join ${R}`).reject(new RequestError('room_not_found'))
    await expect(subscribe(LEADER, R)).rejects.toThrow()
    await subscribe(FOLLOWER, S)
    expect(asked).toEqual(['join r', 'join s'])
  })

  test('says that somebody looks even where a room could not be left, and says again what was not heard', async () => {
    await subscribe(FOLLOWER, R)
    await show(LEADER, false)
    hold('visibility false').reject(new RequestError('timeout'))
    await expect(show(FOLLOWER, false)).rejects.toThrow()
    held.clear()
    await show(FOLLOWER, false)
    hold(`leave ${R}`).reject(new RequestError('timeout'))
    asked = []
    // In view is only the tab that has no room open.
    await expect(show(LEADER, true)).rejects.toThrow()
    expect(asked).toEqual(['leave r', 'visibility true'])
    held.clear()
    await show(LEADER, true)
    expect(asked).toEqual(['leave r', 'visibility true', 'leave r'])
  })

  test('is not in view because a hidden tab begins to take part in it', async () => {
    await show(LEADER, false)
    await hub.ask({ method: 'hello', visible: false }, FOLLOWER)
    await subscribe(FOLLOWER, R)
    expect(asked).toEqual(['visibility false', 'join r'])
    await hub.ask({ method: 'hello', visible: true }, 'tab-3')
    expect(asked).toEqual(['visibility false', 'join r', 'leave r', 'visibility true'])
  })
})
