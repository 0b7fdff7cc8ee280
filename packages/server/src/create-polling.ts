import { connectDevice, disconnectDevice } from './actions/connect-device.ts'
import type { ActionContext } from './actions/context.ts'
import { pollingDeviceId } from './actions/leases.ts'
import { LiveSignals } from './actions/live-signals.ts'
import type { MembersCache } from './actions/members-cache.ts'
import { readAudience } from './actions/poll-hint.ts'
import { PolledScreens } from './actions/polled-screens.ts'
import { PollingPeople } from './actions/polling-people.ts'
import { ReadEpochs } from './actions/read-epochs.ts'
import { RecentMessages } from './actions/recent-messages.ts'
import { RoomAudience } from './actions/room-audience.ts'
import { RoomPeople } from './actions/room-people.ts'
import { readMember } from './store/read-member.ts'
import { readMembersOfRooms } from './store/read-members.ts'

/** Somebody who polls asks every 11 s at the latest, or waits. */
const LINGER_MS = 30_000
const AUDIENCE_MS = 30_000
const ROOM_PEOPLE_MS = 300_000
const RECENT_MESSAGES_MS = 60_000
const REMEMBERED_DEVICES = 20_000
const REMEMBERED_ROOMS = 10_000
/** Each with the people it shows, 50 at most. */
const ROOMS_WITH_PEOPLE = 2_000
const MESSAGES_PER_ROOM = 200
/** 64 MiB where each character takes two bytes. */
const REMEMBERED_CHARS = 32 * 2 ** 20

type Parts = Pick<ActionContext, 'bus' | 'db' | 'devices' | 'ledger' | 'limits' | 'log'> & {
  membersCache: MembersCache
  /** There is one by the time somebody polls. */
  context: () => ActionContext
}

type Polling = Pick<
  ActionContext,
  'recentMessages' | 'pollingPeople' | 'polledScreens' | 'readEpochs' | 'audience' | 'roomPeople' | 'signals'
>

/** What a node remembers for those who poll it, kept current by what it hears. */
export function createPolling({ context, ...parts }: Parts): Polling {
  const { bus, db, devices, limits, log } = parts
  const nowMs = () => performance.now()
  const pollingPeople = new PollingPeople({
    connect: async (userId) => {
      const ctx = context()
      await connectDevice(ctx, { userId, deviceId: pollingDeviceId(ctx, userId) })
    },
    disconnect: async (userId) => {
      const ctx = context()
      await disconnectDevice(ctx, pollingDeviceId(ctx, userId)).catch((error: unknown) =>
        log.warn({ err: error }, 'the lease of somebody who polled will lapse by itself'),
      )
    },
    wake: (userId) => devices.wake(userId),
    lingerMs: LINGER_MS,
  })
  const polling = {
    pollingPeople,
    polledScreens: new PolledScreens({ maxDevices: REMEMBERED_DEVICES }),
    readEpochs: new ReadEpochs({
      read: async (reader) => (await readMember(db, reader))?.readEpoch,
      max: REMEMBERED_DEVICES,
      nowMs,
    }),
    audience: new RoomAudience({
      read: (roomId) => readAudience(parts, roomId),
      maxAgeMs: AUDIENCE_MS,
      maxRooms: REMEMBERED_ROOMS,
      nowMs,
    }),
    roomPeople: new RoomPeople({
      read: (roomIds) => readMembersOfRooms(db, { roomIds, limit: limits.membersShown }),
      maxAgeMs: ROOM_PEOPLE_MS,
      maxRooms: ROOMS_WITH_PEOPLE,
      nowMs,
    }),
    recentMessages: new RecentMessages({
      maxIdleMs: RECENT_MESSAGES_MS,
      maxRooms: REMEMBERED_ROOMS,
      maxChars: REMEMBERED_CHARS,
      maxMessagesPerRoom: MESSAGES_PER_ROOM,
      nowMs,
    }),
    signals: new LiveSignals({
      // Twice: whoever goes on typing is told again within half of the time that follows their last signal.
      typingTtlMs: 2 * limits.typingTtlMs,
      maxRooms: REMEMBERED_ROOMS,
      maxPeoplePerRoom: limits.membersShown,
      nowMs,
      onChange: (roomId) => pollingPeople.wakeIn(roomId),
    }),
  }
  bus.onFrames((frames) => {
    for (const frame of frames) {
      if (frame.kind === 'message') polling.recentMessages.hear(frame.message)
      polling.signals.hear(frame)
      polling.pollingPeople.hear(frame)
      polling.readEpochs.hear(frame)
      polling.audience.hear(frame)
      polling.roomPeople.hear(frame)
    }
  })
  return polling
}
