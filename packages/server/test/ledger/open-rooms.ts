import type { RoomId, UserId } from '@tally/protocol'
import type { DeviceId, LeaseChange } from '../../src/core/ledger-step.ts'

type OpenLease = { readonly deviceId: DeviceId; readonly roomId: RoomId; readonly untilMs: number }

/** Which rooms are open, kept as a plain list: slow, and too simple to be wrong in the way the ledger might be. */
export class OpenRooms {
  readonly #now: () => number
  readonly #leases = new Map<UserId, OpenLease[]>()

  constructor(now: () => number) {
    this.#now = now
  }

  apply(userId: UserId, change: LeaseChange): void {
    const leases = this.#leases.get(userId) ?? []
    this.#leases.set(
      userId,
      leases.filter((lease) => !isEndedBy(lease, change)).concat(this.#begunBy(change)),
    )
  }

  isOpen(userId: UserId, roomId: RoomId): boolean {
    const leases = this.#leases.get(userId) ?? []
    return leases.some((lease) => lease.roomId === roomId && lease.untilMs > this.#now())
  }

  forget(userId: UserId): void {
    this.#leases.delete(userId)
  }

  #begunBy(change: LeaseChange): OpenLease[] {
    if (change.kind !== 'open') return []
    const { deviceId, roomId, ttlMs } = change
    return [{ deviceId, roomId, untilMs: this.#now() + ttlMs }]
  }
}

function isEndedBy(lease: OpenLease, change: LeaseChange): boolean {
  switch (change.kind) {
    case 'connect':
      return false
    case 'disconnect':
      return lease.deviceId === change.deviceId
    case 'open':
    case 'close':
      return lease.deviceId === change.deviceId && lease.roomId === change.roomId
    case 'close-all':
      return lease.roomId === change.roomId
  }
}
