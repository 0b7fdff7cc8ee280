import type { RoomState } from '@tally/client'
import type { RoomId } from '@tally/protocol'
import { useCallback } from 'react'
import { DraftsContext } from '../room/drafts.ts'
import { RoomView } from '../room/room-view.tsx'
import { RouterContext, useRoute } from '../routing/router.ts'
import { TallyContext } from '../tally/tally-context.ts'
import { BadgeProbe } from './badge-probe.tsx'
import { PhoneList } from './phone-list.tsx'
import type { Phone } from './start-demo.ts'

type PhoneScreenProps = {
  phone: Phone
  roomId: RoomId
  onShown?: (phone: Phone, row: RoomState) => void
}

/** What is on a phone's screen: the same parts as in the messenger, with a client and a place of their own. */
export function PhoneScreen({ phone, roomId, onShown }: PhoneScreenProps) {
  const shown = useCallback((row: RoomState) => onShown?.(phone, row), [phone, onShown])
  return (
    <TallyContext value={phone.tally}>
      <RouterContext value={phone.router}>
        <DraftsContext value={phone.drafts}>
          <Place />
          <BadgeProbe onShown={shown} roomId={roomId} />
        </DraftsContext>
      </RouterContext>
    </TallyContext>
  )
}

function Place() {
  const route = useRoute()
  return route.page === 'room' ? <RoomView key={route.roomId} place={route} /> : <PhoneList />
}
