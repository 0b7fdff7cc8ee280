import type { RoomId } from '@tally/protocol'
import type { DeviceId, LeaseChange, NodeId } from './ledger-step.ts'

type DeviceLeases = {
  nodeId: NodeId | null
  /** The connection lease lapses at this moment; 0 without one. */
  connectedUntilMs: number
  readonly opens: Map<RoomId, OpenLease>
}

type OpenLease = {
  readonly untilMs: number
  /** The latest at which the device said that it opened the room. */
  readonly readEpoch: number
}

/**
 * One user's leases: where they are connected and which rooms they have open. A room is open while at least one device
 * holds a lease on it that has not lapsed. Nothing here is ever written to the database. (docs/BADGES.md, "Open is not read".)
 */
export class Leases {
  readonly #devices = new Map<DeviceId, DeviceLeases>()
  /** On how many devices each room is open. */
  readonly #openCounts = new Map<RoomId, number>()
  #nodes: readonly NodeId[] = []
  /** Nothing lapses before this moment. It may be too early, never too late: looking once too often is harmless. */
  #nextLapseMs = Number.POSITIVE_INFINITY

  get empty(): boolean {
    return this.#devices.size === 0
  }

  /** Nodes that hold a connection of this user, each once. */
  get nodes(): readonly NodeId[] {
    return this.#nodes
  }

  /** Leases of both kinds, for the memory estimate. */
  get size(): number {
    let size = this.#devices.size
    for (const device of this.#devices.values()) size += device.opens.size
    return size
  }

  isOpen(roomId: RoomId): boolean {
    return this.#openCounts.has(roomId)
  }

  openRooms(): RoomId[] {
    return [...this.#openCounts.keys()]
  }

  /** @returns rooms that went from open to not open or back. A room may be named twice when it did both. */
  apply(change: LeaseChange, nowMs: number): RoomId[] {
    switch (change.kind) {
      case 'connect':
        this.#connect(change, nowMs)
        return []
      case 'disconnect':
        return this.#forget(change.deviceId)
      case 'open':
        return this.#open(change, nowMs)
      case 'close':
        return this.#close(change.deviceId, change.roomId)
      case 'close-older':
        return this.#closeOlder(change)
    }
  }

  /** @returns rooms that are not open any more because their last lease lapsed. Costs one comparison when none did. */
  dropLapsed(nowMs: number): RoomId[] {
    if (nowMs < this.#nextLapseMs) return []
    const closed: RoomId[] = []
    let nextLapseMs = Number.POSITIVE_INFINITY
    for (const [deviceId, device] of this.#devices) {
      if (device.connectedUntilMs <= nowMs) {
        device.nodeId = null
        device.connectedUntilMs = 0
      } else {
        nextLapseMs = Math.min(nextLapseMs, device.connectedUntilMs)
      }
      for (const [roomId, { untilMs }] of device.opens) {
        if (untilMs <= nowMs) closed.push(...this.#close(deviceId, roomId))
        else nextLapseMs = Math.min(nextLapseMs, untilMs)
      }
      this.#forgetIfIdle(deviceId, device)
    }
    this.#nextLapseMs = nextLapseMs
    this.#recountNodes()
    return closed
  }

  #connect(change: { deviceId: DeviceId; nodeId: NodeId; ttlMs: number }, nowMs: number): void {
    const device = this.#deviceOf(change.deviceId)
    const moved = device.nodeId !== change.nodeId
    device.nodeId = change.nodeId
    device.connectedUntilMs = nowMs + change.ttlMs
    this.#lapseAt(device.connectedUntilMs)
    if (moved) this.#recountNodes()
  }

  #open(change: Extract<LeaseChange, { kind: 'open' }>, nowMs: number): RoomId[] {
    const { opens } = this.#deviceOf(change.deviceId)
    const known = opens.get(change.roomId)
    const untilMs = nowMs + change.ttlMs
    opens.set(change.roomId, { untilMs, readEpoch: Math.max(change.readEpoch, known?.readEpoch ?? 0) })
    this.#lapseAt(untilMs)
    if (known !== undefined) return []
    const count = (this.#openCounts.get(change.roomId) ?? 0) + 1
    this.#openCounts.set(change.roomId, count)
    return count === 1 ? [change.roomId] : []
  }

  #close(deviceId: DeviceId, roomId: RoomId): RoomId[] {
    const device = this.#devices.get(deviceId)
    if (device === undefined || !device.opens.delete(roomId)) return []
    this.#forgetIfIdle(deviceId, device)
    const count = (this.#openCounts.get(roomId) ?? 1) - 1
    if (count > 0) {
      this.#openCounts.set(roomId, count)
      return []
    }
    this.#openCounts.delete(roomId)
    return [roomId]
  }

  #closeOlder({ roomId, beforeEpoch }: { roomId: RoomId; beforeEpoch: number }): RoomId[] {
    const older = [...this.#devices].filter(([, { opens }]) => {
      const lease = opens.get(roomId)
      return lease !== undefined && lease.readEpoch < beforeEpoch
    })
    return older.flatMap(([deviceId]) => this.#close(deviceId, roomId))
  }

  #forget(deviceId: DeviceId): RoomId[] {
    const device = this.#devices.get(deviceId)
    if (device === undefined) return []
    const closed = [...device.opens.keys()].flatMap((roomId) => this.#close(deviceId, roomId))
    this.#devices.delete(deviceId)
    this.#recountNodes()
    return closed
  }

  #forgetIfIdle(deviceId: DeviceId, device: DeviceLeases): void {
    if (device.nodeId === null && device.opens.size === 0) this.#devices.delete(deviceId)
  }

  #deviceOf(deviceId: DeviceId): DeviceLeases {
    const held = this.#devices.get(deviceId)
    if (held !== undefined) return held
    const device: DeviceLeases = { nodeId: null, connectedUntilMs: 0, opens: new Map() }
    this.#devices.set(deviceId, device)
    return device
  }

  #lapseAt(untilMs: number): void {
    if (untilMs < this.#nextLapseMs) this.#nextLapseMs = untilMs
  }

  // A new array each time: outcomes hand it out, and a node list given earlier must not change afterwards.
  #recountNodes(): void {
    const nodes = new Set<NodeId>()
    for (const { nodeId } of this.#devices.values()) if (nodeId !== null) nodes.add(nodeId)
    this.#nodes = [...nodes]
  }
}
