import type { RoomId } from '@tally/protocol'
import type { LocalDevice } from '../bus/local-devices.ts'
import type { LeaseChange } from '../core/ledger-step.ts'
import { type MemberRecord, readMembers } from '../store/read-member.ts'
import { applySteps } from './announce.ts'
import type { ActionContext, Visit, Visited } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/**
 * Puts and ends the leases of rooms that devices open and close, in one step a person: whoever goes from one room to
 * another moves their badge once. A lease says at which read epoch the room was opened, so that is looked up before; what
 * closes does so even if the database does not answer.
 *
 * @returns where each who opens a room stands in it; a rejection with `storage_unavailable` where that is not known.
 */
export async function putVisits(
  ctx: ActionContext,
  visits: readonly Visit[],
): Promise<(Visited | Promise<Visited>)[]> {
  const looked = await lookUp(ctx, visits)
  const people = Map.groupBy(visits, ({ userId }) => userId)
  const steps = Array.from(people, ([userId, own]) => ({
    userId,
    leases: own.flatMap((visit) => leaseOf(ctx, visit, looked.members.get(visit)) ?? []),
  }))
  const changing = steps.filter(({ leases }) => leases.length > 0)
  if (changing.length > 0) await applySteps(ctx, changing, { readers: new Set(people.keys()) })
  return visits.map((visit) =>
    visit.kind === 'open' && 'error' in looked ? Promise.reject(looked.error) : looked.members.get(visit),
  )
}

type Looked = { members: Map<Visit, MemberRecord>; error?: unknown }

async function lookUp({ db }: ActionContext, visits: readonly Visit[]): Promise<Looked> {
  const members = new Map<Visit, MemberRecord>()
  const opening = visits.filter(({ kind }) => kind === 'open')
  if (opening.length === 0) return { members }
  try {
    for (const [index, member] of (await readMembers(db, opening)).entries()) {
      const visit = opening[index]
      if (visit !== undefined && member !== undefined) members.set(visit, member)
    }
    return { members }
  } catch (error) {
    return { members, error }
  }
}

function leaseOf(
  ctx: ActionContext,
  visit: Visit,
  member: MemberRecord | undefined,
): LeaseChange | undefined {
  const { kind, deviceId, roomId } = visit
  if (kind === 'close') return { kind, deviceId, roomId }
  if (member === undefined) return undefined
  const { readEpoch } = member
  const device = ctx.devices.get(deviceId)
  // Gone, put out of the room or hidden while it waited for its turn: a lease put now would outlive that.
  if (device === undefined || !isOpenOn(device, roomId, readEpoch) || !device.visible) return undefined
  return { kind, deviceId, roomId, readEpoch, ttlMs: LEASE_TTL_MS }
}

/** Notes at which epoch the room is opened, unless it was closed meanwhile, or marked unread after that epoch. */
function isOpenOn({ rooms, markedUnread }: LocalDevice, roomId: RoomId, readEpoch: number): boolean {
  const markedAt = markedUnread.get(roomId) ?? Number.POSITIVE_INFINITY
  if (!rooms.has(roomId) && markedAt > readEpoch) return false
  markedUnread.delete(roomId)
  rooms.set(roomId, readEpoch)
  return true
}
