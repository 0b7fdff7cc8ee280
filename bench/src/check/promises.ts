import type { Ask } from './recount.ts'

/** Client ids of the messages of one sender in one room: those that were acknowledged, or those that are stored. */
export type ClientIds = { roomId: string; senderId: string; clientIds: readonly string[] }

/** What became of messages: not stored although it was acknowledged, and stored more than once. */
export type Broken = { lost: number; twice: number }

// All contestants call these columns the same.
const STORED = `
  select room_id, sender_id, json_agg(client_id) as client_ids from messages
  where client_id is not null group by room_id, sender_id`

/** The client id of every stored message, as often as it is stored. */
export async function readStoredIds(ask: Ask): Promise<ClientIds[]> {
  const rows = await ask<{ room_id: string; sender_id: string; client_ids: string[] }>(STORED)
  return rows.map((row) => ({ roomId: row.room_id, senderId: row.sender_id, clientIds: row.client_ids }))
}

/**
 * Holds what was promised against what is stored, message by message: by their numbers alone, one that is lost and one
 * that is stored without an answer, or twice, would cancel out. What is stored without an answer breaks no promise.
 */
export function brokenPromises(promised: readonly ClientIds[], stored: readonly ClientIds[]): Broken {
  const byPlace = new Map(stored.map((one) => [placeOf(one), new Set(one.clientIds)]))
  const lost = promised.map((one) => {
    const kept = byPlace.get(placeOf(one))
    return one.clientIds.filter((id) => kept?.has(id) !== true).length
  })
  const twice = stored.map((one) => one.clientIds.length - (byPlace.get(placeOf(one))?.size ?? 0))
  return { lost: sum(lost), twice: sum(twice) }
}

const placeOf = ({ roomId, senderId }: ClientIds): string => `${roomId}\n${senderId}`

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
