import { createTally, isConnected, type Tally } from '@tally/client'
import type { RoomId, User } from '@tally/protocol'
import { createDrafts, type Drafts } from '../room/drafts.ts'
import { createMemoryRouter } from '../routing/memory-router.ts'
import { roomPath } from '../routing/route.ts'
import type { Router } from '../routing/router.ts'
import { continueAs, listDemoPeople } from '../session/development-people.ts'
import { until } from '../tally/until.ts'
import { hookSends, type OnSend } from './hook-sends.ts'

/** One phone of the stage: a person, a client of their own, and what its screen shows. */
export type Phone = { person: User; token: string; tally: Tally; router: Router; drafts: Drafts }

export type Demo = {
  seeker: Phone
  company: Phone
  /** The room the two have in common. */
  roomId: RoomId
  /** Set by whoever wants to know of every message that leaves one of the phones. */
  onSend: { current: OnSend | null }
  stop: () => void
}

/** Longer than a connection takes over any network on which this is worth looking at. */
const CONNECTED_WITHIN_MS = 15_000

/**
 * Signs two people of the two sides in and finds the room they share; `null` where the server offers no people.
 * @throws when the server cannot be reached, or one of the phones does not get a connection in time.
 */
export async function startDemo(signal: AbortSignal): Promise<Demo | null> {
  const people = await listDemoPeople(signal)
  const seekerPerson = people?.find((person) => person.userType !== 'company')
  const companyPerson = people?.find((person) => person.userType === 'company')
  if (seekerPerson === undefined || companyPerson === undefined) return null

  const onSend: Demo['onSend'] = { current: null }
  const hook: OnSend = (sent) => onSend.current?.(sent)
  const [seeker, company] = await Promise.all([phoneOf(seekerPerson, hook), phoneOf(companyPerson, hook)])
  const phones = [seeker, company]
  const stop = () => {
    for (const { tally } of phones) void tally.stop()
  }
  signal.addEventListener('abort', stop)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), CONNECTED_WITHIN_MS)
  const inTime = AbortSignal.any([signal, late.signal])
  try {
    signal.throwIfAborted()
    for (const { tally } of phones) tally.start()
    await Promise.all(phones.map(({ tally }) => until(tally.connection, isConnected, inTime)))
    const roomId = await sharedRoom(seeker, company)
    seeker.router.go(roomPath(roomId))
    return { seeker, company, roomId, onSend, stop }
  } catch (error) {
    stop()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** A further device of somebody who is on the stage already: of its own, although it is on the same page. */
export function secondDeviceOf({ person, token }: Phone): Phone {
  const tally = createTally({ token, shareTabs: false })
  return {
    person,
    token,
    tally,
    router: createMemoryRouter('/'),
    drafts: createDrafts({ userId: person.id, tally }),
  }
}

async function phoneOf(person: User, onSend: OnSend): Promise<Phone> {
  const token = await continueAs(person)
  const tally = hookSends(createTally({ token, shareTabs: false }), onSend)
  return {
    person,
    token,
    tally,
    router: createMemoryRouter('/'),
    drafts: createDrafts({ userId: person.id, tally }),
  }
}

async function sharedRoom(seeker: Phone, company: Phone): Promise<RoomId> {
  const shared = seeker.tally.rooms
    .get()
    .items.find(
      (room) =>
        room.kind === 'direct' &&
        room.members.some(({ userId, left }) => userId === company.person.id && !left) &&
        !room.me.muted,
    )
  if (shared !== undefined) return shared.id
  const made = await seeker.tally.createRoom({
    kind: 'direct',
    memberIds: [company.person.id],
    key: `side-by-side:${seeker.person.id}:${company.person.id}`,
  })
  return made.id
}
