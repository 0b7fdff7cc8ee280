import type { DeviceSpec, Journal } from './crowd-job.ts'

export type DeviceOptions = { url: string; spec: DeviceSpec; journal: Journal; random: () => number }

/** What a device shows right now; a number is `null` before the server told it. */
export type Shown = { total: number | null; rooms: ReadonlyMap<string, number> }

/** A device of a person, whatever it speaks. */
export interface Device {
  readonly spec: DeviceSpec
  readonly isConnected: boolean
  /** Messages that no acknowledgement came for yet. */
  readonly waiting: number
  /** Connects, and stays connected. Resolves when the badge is known. */
  start(): Promise<void>
  /** Will be sent once, however often that has to be tried; in order within a room. */
  send(message: { roomId: string; text: string; wantedAtMs: number }): void
  /** Reads a room as far as the device knows of it. */
  read(roomId: string): void
  open(): void
  close(): Promise<void>
  shown(): Shown
  /** What is wrong with the room on the screen, whose last message is at `head`; `undefined`: nothing. */
  screenFault(head: number): string | undefined
  stop(): void
}

/** Milliseconds since 1970, finer than the clock's own. */
export const clockMs = (): number => performance.timeOrigin + performance.now()

export function emptyJournal(): Journal {
  return {
    sightings: [],
    links: [],
    sends: [],
    refusals: [],
    unanswered: [],
    violations: [],
    wentDark: 0,
  }
}
