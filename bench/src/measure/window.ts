import type { Running } from '../servers/contestants.ts'
import type { StorageCalls, StorageSeconds, Storages } from '../servers/storage.ts'
import { cpuSecondsOf, type MachineSeconds, machineSeconds } from './process-figures.ts'

/** What servers and databases did in a while. Shares are of one core. */
export type WindowFigures = {
  seconds: number
  serverShare: number
  databaseShare: number
  redisShare: number
  /** All that ran on the machine, generators included; and what its host took away from it. */
  machineShare: number
  stolenShare: number
  transactions: number
  redisCommands: number
}

type Readings = {
  atMs: number
  serverSeconds: number
  storage: StorageSeconds
  machine: MachineSeconds
  calls: StorageCalls
}

/** A while during which servers and databases are watched. */
export class Window {
  readonly #running: Running
  readonly #storages: Storages
  readonly #before: Readings

  private constructor(parts: { running: Running; storages: Storages; before: Readings }) {
    this.#running = parts.running
    this.#storages = parts.storages
    this.#before = parts.before
  }

  static async open(running: Running, storages: Storages): Promise<Window> {
    return new Window({ running, storages, before: await read(running, storages) })
  }

  async close(): Promise<WindowFigures> {
    const { atMs, serverSeconds, storage, machine, calls } = this.#before
    const after = await read(this.#running, this.#storages)
    const seconds = (after.atMs - atMs) / 1_000
    return {
      seconds,
      serverShare: (after.serverSeconds - serverSeconds) / seconds,
      databaseShare: (after.storage.database - storage.database) / seconds,
      redisShare: (after.storage.redis - storage.redis) / seconds,
      machineShare: (after.machine.busy - machine.busy) / seconds,
      stolenShare: (after.machine.stolen - machine.stolen) / seconds,
      transactions: after.calls.transactions - calls.transactions,
      redisCommands: after.calls.redisCommands - calls.redisCommands,
    }
  }
}

async function read({ servers }: Running, storages: Storages): Promise<Readings> {
  const own = await Promise.all(servers.map(({ pid }) => cpuSecondsOf(pid)))
  return {
    atMs: performance.now(),
    serverSeconds: own.reduce((sum, seconds) => sum + seconds, 0),
    storage: await storages.seconds(),
    machine: await machineSeconds(),
    calls: await storages.calls(),
  }
}
