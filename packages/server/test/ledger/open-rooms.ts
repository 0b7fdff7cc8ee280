import type { RoomId, UserId } from '@tally/protocol'
import type { DeviceId, LeaseChange } from '../../src/core/ledger-step.ts'

type OpenLease = {
  readonly deviceId: DeviceId
  readonly roomId: RoomId
  readonly readEpoch: number
  readonly untilMs: number
}

/** Which rooms are open, kept as a plain list: slow, and too simple to be wrong in the way the ledger might be. */
export class OpenRooms {
  readonly #now: () => number
  readonly #leases = new Map<UserId, OpenLease[]>()

  constructor(now: () => number) {
    this.#now = now
  }

  apply(userId: UserId, change: LeaseChange): void {
    const leases = this.#leases.get(userId) ?? []
    const rest = leases.filter((lease) => !isEndedBy(lease, change) && !isOf(lease, change))
    this.#leases.set(userId, rest.concat(this.#begunBy(change, leases)))
  }

  isOpen(userId: UserId, roomId: RoomId): boolean {
    const leases = this.#leases.get(userId) ?? []
    return leases.some((lease) => lease.roomId === roomId && lease.untilMs > this.#now())
  }

  forget(userId: UserId): void {
    this.#leases.delete(userId)
  }

  #begunBy(change: LeaseChange, leases: readonly OpenLease[]): OpenLease[] {
    if (change.kind !== 'open') return []
    const { deviceId, roomId, ttlMs } = change
    const held = leases.filter((lease) => isOf(lease, change) && lease.untilMs > this.#now())
    const readEpoch = Math.max(change.readEpoch, ...held.map((lease) => lease.readEpoch))
    return [{ deviceId, roomId, readEpoch, untilMs: this.#now() + ttlMs }]
  }
}

/** Whether this puts the same lease anew. */
function isOf(lease: OpenLease, change: LeaseChange): boolean {
  return change.kind === 'open' && lease.deviceId === change.deviceId && lease.roomId === change.roomId
}

function isEndedBy(lease: OpenLease, change: LeaseChange): boolean {
  switch (change.kind) {
    case 'connect':
    case 'open':
      return false
    case 'disconnect':
      return lease.deviceId === change.deviceId
    case 'close':
      return lease.deviceId === change.deviceId && lease.roomId === change.roomId
    case 'close-older':
      return lease.roomId === change.roomId && lease.readEpoch < change.beforeEpoch
  }
}
