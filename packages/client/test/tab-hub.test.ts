import { type ReadEpoch, RequestError, type RoomId, type Seq, type WireUser } from '@tally/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { RealtimeProvider, Subscription } from '../src/provider.ts'
import type { TabGroup } from '../src/tab-group.ts'
import { TabHub } from '../src/tab-hub.ts'
import type { TabCall, TabId } from '../src/tab-messages.ts'

const [R, S] = ['r', 's'] as RoomId[] as [RoomId, RoomId]
const ANN: WireUser = { id: 'ann', name: 'Ann', user_type: null } as unknown as WireUser
const LEADER = 'tab-1'
const FOLLOWER = 'tab-2'

const group: Pick<TabGroup, 'tabId' | 'post' | 'watch'> = { tabId: LEADER, post: () => {}, watch: () => {} }

/** What was asked of the server, in order; each answer comes when it is let through. */
let asked: string[]
let held: Map<string, PromiseWithResolvers<void>>
let hub: TabHub

beforeEach(() => {
  asked = []
  held = new Map()
  hub = new TabHub(group)
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

/** What another tab sends. */
const call = (asks: TabCall) =>
  ({ kind: 'call', from: FOLLOWER, id: 1, link: { number: 1 }, call: asks }) as const
const letIn = (tab: TabId, visible: boolean) => hub.ask({ method: 'hello', visible }, tab)
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
  test('is not in view for a tab that went before it was let in', async () => {
    const waiting = new TabHub(group)
    waiting.hear(call({ method: 'hello', visible: true }))
    waiting.hear({ kind: 'bye', from: FOLLOWER, link: 1 })
    waiting.attach(provider as unknown as RealtimeProvider, ANN)
    await waiting.ask({ method: 'send', event: 'visibility', payload: { visible: false } })
    expect(asked).toEqual(['visibility false'])
  })

  test('does nothing more for a tab that went, whatever it asked for last', async () => {
    await letIn(FOLLOWER, false)
    hub.hear({ kind: 'bye', from: FOLLOWER })
    await expect(subscribe(FOLLOWER, R)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(show(FOLLOWER, true)).rejects.toMatchObject({ code: 'unavailable' })
    await show(LEADER, false)
    expect(asked).toEqual(['visibility false'])
  })

  test('is in view while the tab that holds it is, whoever else hides', async () => {
    await letIn(FOLLOWER, false)
    expect(asked).toEqual([])
    await show(LEADER, false)
    expect(asked).toEqual(['visibility false'])
  })

  test('keeps a room that one tab opens while another closes it', async () => {
    await letIn(FOLLOWER, true)
    await subscribe(FOLLOWER, R)
    const answer = hold(`join ${R}`)
    const opening = subscribe(LEADER, R)
    await unsubscribe(FOLLOWER, R)
    answer.resolve()
    await opening
    expect(asked).toEqual(['join r', 'join r'])
  })

  test('keeps a room that is opened while others are left', async () => {
    await letIn(FOLLOWER, true)
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
    await letIn(FOLLOWER, true)
    hold(`join ${R}`).reject(new RequestError('room_not_found'))
    await expect(subscribe(LEADER, R)).rejects.toThrow()
    await subscribe(FOLLOWER, S)
    expect(asked).toEqual(['join r', 'join s'])
  })

  test('says that somebody looks even where a room could not be left, and says again what was not heard', async () => {
    await letIn(FOLLOWER, true)
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
    await letIn(FOLLOWER, false)
    await subscribe(FOLLOWER, R)
    expect(asked).toEqual(['visibility false', 'join r'])
    await letIn('tab-3', true)
    expect(asked).toEqual(['visibility false', 'join r', 'leave r', 'visibility true'])
  })
})
