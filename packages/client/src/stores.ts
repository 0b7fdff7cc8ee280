import type { User, UserId, WireUser } from '@tally/protocol'
import { BadgeStore } from './badge-store.ts'
import type { HttpApi } from './http-api.ts'
import { NotificationStore } from './notification-store.ts'
import { PresenceStore } from './presence-store.ts'
import { writable } from './readable.ts'
import { reportBug } from './report-bug.ts'
import { RevClock } from './rev-clock.ts'
import { type MembershipListener, RoomStore } from './room-store.ts'
import { TypingStore } from './typing-store.ts'

/** Everything one client knows, messages aside: those are in the rooms' logs. */
export class Stores {
  readonly clock = new RevClock()
  readonly badge = new BadgeStore(this.clock)
  readonly me = writable<User | null>(null)
  readonly rooms: RoomStore
  readonly typing: TypingStore
  readonly presence: PresenceStore
  readonly notifications: NotificationStore

  constructor(options: { http: HttpApi; isoNow: () => string; membership: MembershipListener }) {
    const { http, isoNow, membership } = options
    this.notifications = new NotificationStore({ http, isoNow, onError: reportBug })
    this.typing = new TypingStore((roomId) => this.rooms.touch(roomId))
    this.presence = new PresenceStore((userId) => this.rooms.touchRoomsOf(userId))
    this.rooms = new RoomStore({
      clock: this.clock,
      membership,
      live: {
        typingIn: (roomId) => this.typing.in(roomId),
        isAnybodyOnline: (members) =>
          members.some(({ userId, left }) => !left && userId !== this.myId && this.presence.isOnline(userId)),
      },
    })
  }

  get myId(): UserId | undefined {
    return this.me.get()?.id
  }

  authenticated({ id, name, user_type }: WireUser): void {
    const known = this.me.get()
    const isSame = known?.id === id && known.name === name && known.userType === user_type
    if (!isSame) this.me.set({ id, name, image: null, userType: user_type })
  }

  /** The connection is gone: what only a connection can know is not known any more. */
  connectionLost(): void {
    this.typing.clear()
    this.presence.forget()
  }
}
