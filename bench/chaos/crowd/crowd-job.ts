/**
 * How a device talks to the server: our SDK, an installed app on the bare socket, HTTP alone; `lean` says the same as an
 * installed app and costs little.
 */
export type Style = 'sdk' | 'app' | 'poll' | 'lean'

/** One device of one person. */
export type DeviceSpec = {
  deviceId: string
  userId: string
  token: string
  style: Style
  /** The node that it is connected to at first, without the balancer between them; from then on it is anybody's. */
  nodeUrl?: string
  /** Every room of the person. */
  roomIds: readonly string[]
  /** The one room that this device looks at now and then; the others are never opened on it. */
  frontRoomId?: string
}

export type CrowdJob = { url: string; seed: number; devices: readonly DeviceSpec[] }

/** The truth of one person: what every device has to show while no room is open. */
export type PersonTruth = { total: number; rooms: Record<string, number> }

/** A device that shows something else. */
export type Mismatch = { deviceId: string; roomId: string | null; shown: number | null; truth: number }

/** Moments are in ms since 1970, by the machine's clock. */
export type Journal = {
  /** A device learnt that a room has a message of this place. */
  sightings: { deviceId: string; roomId: string; seq: number; atMs: number }[]
  /** A device's connection came or went. */
  links: { deviceId: string; isUp: boolean; atMs: number }[]
  /** Messages that were to be sent at `wantedAtMs`; without `ackedAtMs` the server never acknowledged them. */
  sends: { text: string; deviceId: string; roomId: string; wantedAtMs: number; ackedAtMs?: number }[]
  /** The server answered a send with a refusal. */
  refusals: { code: string; atMs: number }[]
  /** A send had no answer: the connection broke, or time was up. */
  unanswered: number[]
  /** What a device was shown wrongly: a message twice, out of order, or missing between two others. */
  violations: string[]
  /** Installed apps that gave up connecting until their person opened them again. */
  wentDark: number
}

export type LoadOrder = {
  /** Begins every text of this load. No two loads have the same, so no text is sent twice. */
  label: string
  perSecond: number
  seed: number
  /** How many reads, and openings or closings of a room, there are per message. */
  readShare: number
  openShare: number
}

/** What a crowd can be asked to do. */
export type CrowdCalls = {
  start(job: CrowdJob): Promise<void>
  /** Sends, reads and opens rooms at this rate, until `silence`. */
  load(order: LoadOrder): Promise<void>
  silence(): Promise<void>
  /** Waits until everything that was to be sent is acknowledged. @returns how many are not by then. */
  settle(deadlineMs: number): Promise<number>
  /** Devices open their front rooms, or close them. */
  openFrontRooms(isOpen: boolean): Promise<void>
  /** One message of this device, acknowledged before it returns. */
  sendOne(order: { deviceId: string; roomId: string; text: string }): Promise<void>
  /** What every device shows, held against the truth. */
  compare(truth: { people: Record<string, PersonTruth> }): Promise<{
    wrongDevices: number
    mismatches: Mismatch[]
  }>
  /** What is wrong on the screens of those who look at a room, given the last place of every room. */
  screenFaults(heads: Record<string, number>): Promise<string[]>
  /** What one device shows for one room; `null`: nothing yet. */
  shown(question: { deviceId: string; roomId: string }): Promise<number | null>
  /** What was noted since the last time. */
  collect(): Promise<Journal>
  /** How many devices are connected. */
  connected(): Promise<number>
}

export type CrowdCall = keyof CrowdCalls
