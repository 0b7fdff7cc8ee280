import type { UserId, WireUser } from '@tally/protocol'
import { expect, test } from 'vitest'
import { FollowingLink } from '../src/following-link.ts'
import type { TabCall, TabWelcome } from '../src/tab-messages.ts'
import { Tabs } from '../src/tabs.ts'

const ANN: WireUser = { id: 'ann' as UserId, name: 'Ann', user_type: null }
const WELCOME: TabWelcome = { connection: 'tab-1/1', transport: 'websocket', user: ANN }

test.each([
  ['looked at', false, [{ method: 'send', event: 'visibility', payload: { visible: true } }]],
  ['hidden', true, [{ method: 'send', event: 'visibility', payload: { visible: false } }]],
  ['left as it is', undefined, []],
])('a tab %s while it is let in says so as soon as it is', async (_, wasVisible, expected) => {
  let isVisible = wasVisible ?? true
  const asked: TabCall[] = []
  const welcome = Promise.withResolvers<TabWelcome>()
  /** Another tab leads, and lets this one in when its connection is there. */
  class OtherLeads extends Tabs {
    override async call(call: TabCall): Promise<unknown> {
      asked.push(call)
      return call.method === 'hello' ? welcome.promise : {}
    }
  }
  const tabs = new OtherLeads({
    platform: { locks: { request: () => new Promise(() => {}) }, channel: () => channel },
    server: '',
    newTabId: () => 'tab-2',
    onChange: () => {},
    onWake: () => {},
    onOutbox: () => {},
  })
  const link = new FollowingLink({
    tabs,
    listener: { onEvent: () => {}, onNews: () => {}, onLost: () => {}, onRoundTrip: () => {} },
    transport: 'websocket',
    isVisible: () => isVisible,
    nowMs: () => 0,
  })
  const connected = link.connect()
  if (wasVisible !== undefined) isVisible = !wasVisible
  welcome.resolve(WELCOME)
  expect(await connected).toEqual(ANN)
  expect(asked).toEqual([{ method: 'hello', visible: wasVisible ?? true }, ...expected])
})

const channel = { postMessage: () => {}, onmessage: null, close: () => {} }
