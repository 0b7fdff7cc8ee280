import type { Journal } from '../crowd/crowd-job.ts'
import type { StoredMessage } from './recount.ts'

/** What became of the messages of one load. */
export type MessageFigures = {
  wanted: number
  acknowledged: number
  stored: number
  /** Acknowledged, and not stored. */
  lost: number
  /** Never acknowledged, in spite of all retries, and not stored. */
  unsent: number
  /** Stored more than once. */
  duplicated: number
  /** Stored, and nobody sent them. */
  invented: number
  /** Stored behind one that the same device wrote into the same room later. */
  disordered: number
}

/** Holds what was stored against what was to be sent. */
export function checkMessages(sends: Journal['sends'], stored: readonly StoredMessage[]): MessageFigures {
  const copies = new Map<string, number>()
  for (const { text } of stored) copies.set(text, (copies.get(text) ?? 0) + 1)
  const wanted = new Set(sends.map(({ text }) => text))
  const acknowledged = sends.filter(({ ackedAtMs }) => ackedAtMs !== undefined)
  return {
    wanted: sends.length,
    acknowledged: acknowledged.length,
    stored: stored.length,
    lost: acknowledged.filter(({ text }) => !copies.has(text)).length,
    unsent: sends.filter(({ text, ackedAtMs }) => ackedAtMs === undefined && !copies.has(text)).length,
    duplicated: [...copies.values()].filter((count) => count > 1).length,
    invented: [...copies.keys()].filter((text) => !wanted.has(text)).length,
    disordered: disordered(stored),
  }
}

/** Texts of one device end in a number that rises. */
function disordered(stored: readonly StoredMessage[]): number {
  const last = new Map<string, number>()
  let count = 0
  for (const { roomId, text } of stored) {
    const space = text.lastIndexOf(' ')
    const key = `${roomId}\n${text.slice(0, space)}`
    const number = Number(text.slice(space + 1))
    if (number < (last.get(key) ?? 0)) count += 1
    last.set(key, Math.max(number, last.get(key) ?? 0))
  }
  return count
}
