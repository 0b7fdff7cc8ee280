import type { IsoTime, MessageId, RoomId, UserId } from '@tally/protocol'
import type { StoredMessage } from '../../src/core/committed.ts'
import type { Packet } from '../../src/edges/socket/packet.ts'
import type { MissedChanges, MissedMessages } from '../../src/edges/socket/room-stream.ts'
import { RoomStreams } from '../../src/edges/socket/room-streams.ts'

export const ROOM = 'room' as RoomId
export const ANN = 'ann' as UserId
export const BOB = 'bob' as UserId

/** A message as it was sent, or as it is by now. */
export function message(seq: number, extra: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id: `m${seq}` as MessageId,
    roomId: ROOM,
    seq,
    tally: seq,
    change: seq,
    senderId: ANN,
    type: 'regular',
    text: `text ${seq}`,
    counted: true,
    createdAt: '2026-01-01T00:00:00.000001Z' as IsoTime,
    reactions: [],
    ...extra,
  }
}

/** The streams of one node over a database that holds these messages, or is away; and what it was asked. */
export function streamsWith(stored: () => StoredMessage[] | Error) {
  const reads: MissedMessages[] = []
  const lookUps: MissedChanges[] = []
  const errors: unknown[] = []
  const streams = new RoomStreams({
    readMissed: async (missed) => {
      reads.push(missed)
      const found = stored()
      if (found instanceof Error) throw found
      return found.filter(({ seq }) => seq > missed.afterSeq).slice(0, missed.limit)
    },
    readChanged: async (missed) => {
      lookUps.push(missed)
      const found = stored()
      if (found instanceof Error) throw found
      const changed = found.filter(({ change }) => change > missed.change)
      const page = changed.sort((one, other) => one.change - other.change).slice(0, missed.limit)
      return { change: page.at(-1)?.change ?? missed.change, messages: page }
    },
    nowMs: () => performance.now(),
    onError: (error) => errors.push(error),
  })
  return { streams, reads, lookUps, errors }
}

/** A device that notes what was written to it. */
export function device(userId: UserId, options: { visible?: boolean } = {}) {
  const heard: [string, Record<string, unknown>][] = []
  return {
    heard,
    seqs: () => heard.filter(([event]) => event === 'new-message').map(([, payload]) => payload['seq']),
    listener: {
      userId,
      deviceId: `socket:${userId}`,
      write: ({ text }: Packet) => void heard.push(JSON.parse(text.slice(1))),
      roundTripMs: () => 50,
      isVisible: () => options.visible ?? true,
    },
  }
}

/** A join that found this head. */
export const begin = (head: number, confirms = true) => ({ head, change: head, readEpoch: 0, confirms })

type Heard = readonly [string, Record<string, unknown>][]

export const inShort = (heard: Heard) =>
  heard.map(([event, { seq, message }]) => [event, seq, ...(message === undefined ? [] : [message])])

export const deletedAt = '2026-01-01T00:00:01.000000Z' as IsoTime
export const editedAt = '2026-01-01T00:00:02.000000Z' as IsoTime
