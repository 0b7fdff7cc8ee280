/** What the server tells a signed-in device by itself. */
export type LineEvents = {
  /** The server knows who this is: there is a connection, and it is another one than before. */
  onSignedIn: () => void
  onLost: () => void
  /** No more attempts will be made by themselves; somebody has to call `connect`. */
  onGaveUp: () => void
  onRow: (row: Row) => void
  onTotal: (total: { value: number; rev: number }) => void
  /** What comes from now on of this room is behind this place. */
  onJoined: (room: { roomId: string; seq: number }) => void
  onMessage: (message: { roomId: string; seq: number }) => void
}

/** A room of somebody's list, and the place of its last message. */
export type Row = { roomId: string; unread: number; rev: number; seq: number }

/** A connection as installed apps have one, whatever makes it: it comes back by itself, and is signed in each time. */
export interface Line {
  readonly isUp: boolean
  connect(): void
  /** Whatever becomes of it. */
  tell(event: string, payload: object): void
  /** @throws Refused, or anything else when no answer came in time. */
  ask<T>(event: string, payload: object): Promise<T>
  end(): void
}

export type LineOptions = {
  url: string
  /** Where the first connection goes, if not there. */
  firstUrl?: string
  token: string
  random: () => number
  events: LineEvents
}

/** How long an answer may take. */
export const ACK_DEADLINE_MS = 5_000

/** What an acknowledgement says beside what was asked for. */
export type Ack = { ok: boolean; error?: { code: string } }
