import { createTally, type RoomId } from '@tally/client'
import { renderToString } from 'react-dom/server'
import { describe, expect, test, vi } from 'vitest'
import {
  ChatRoom,
  MessageInput,
  NotificationBell,
  RoomList,
  TallyProvider,
  UnreadBadge,
  useAppIconBadge,
  useFaviconBadge,
  useTabTitle,
} from '../src/index.ts'

const roomId = 'r1' as RoomId

function Page() {
  useTabTitle('Jobs')
  useFaviconBadge()
  useAppIconBadge()
  return (
    <>
      <UnreadBadge announce of="all" />
      <NotificationBell />
      <RoomList />
      <ChatRoom roomId={roomId} />
      <MessageInput roomId={roomId} />
    </>
  )
}

function render(language: 'en' | 'ko'): string {
  const tally = createTally({ url: 'http://127.0.0.1:1', token: 'a token' })
  return renderToString(
    <TallyProvider language={language} tally={tally}>
      <Page />
    </TallyProvider>,
  )
}

describe('on a server', () => {
  test('every component is written, as it is before anything was loaded, in either language', () => {
    expect(render('en')).toContain('Loading')
    expect(render('ko')).toContain('불러오는 중')
    expect(render('en')).not.toContain('data-count')
  })

  test('nothing connects, and no timer is left', () => {
    const ask = vi.spyOn(globalThis, 'fetch')
    const timer = vi.spyOn(globalThis, 'setInterval')
    render('en')
    expect(ask).not.toHaveBeenCalled()
    expect(timer).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })

  test('the same page is written each time', () => {
    expect(render('en')).toBe(render('en'))
  })

  test('a component outside of a provider says what is missing', () => {
    expect(() => renderToString(<RoomList />)).toThrow('There is no TallyProvider')
  })
})
