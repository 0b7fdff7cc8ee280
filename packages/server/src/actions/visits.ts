import type { RoomId, UserId } from '@tally/protocol'
import type { LocalDevice } from '../bus/local-devices.ts'
import type { LeaseChange } from '../core/ledger-step.ts'
import { type MemberRecord, readMembers } from '../store/read-member.ts'
import { applySteps } from './announce.ts'
import type { ActionContext, Visit, Visited } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/**
 * Puts and ends the leases of rooms that devices open and close, in one step a person: whoever goes from one room to
 * another moves their badge once. A lease says at which read epoch the room was opened, so that is looked up before; those
 * who only close do not wait for it, and what closes does so even if the database does not answer.
 *
 * @returns where each who opens a room stands in it; a rejection with `storage_unavailable` where that is not known.
 */
export async function putVisits(
  ctx: ActionContext,
  visits: readonly Visit[],
): Promise<(Visited | Promise<Visited>)[]> {
  const people = [...Map.groupBy(visits, ({ userId }) => userId)]
  const isLookedUp = ([, own]: VisitsOfOne) => own.some(isAsking)
  const putLookedUp = async () => {
    const looked = await lookUp(ctx, visits.filter(isAsking))
    await putLeases(ctx, people.filter(isLookedUp), looked.members)
    return looked
  }
  const [{ members, error }] = await Promise.all([
    putLookedUp(),
    putLeases(
      ctx,
      people.filter((one) => !isLookedUp(one)),
    ),
  ])
  return visits.map((visit) =>
    error !== undefined && isAsking(visit) ? Promise.reject(error) : members.get(visit),
  )
}

type VisitsOfOne = readonly [UserId, readonly Visit[]]

type Members = ReadonlyMap<Visit, MemberRecord>

function isAsking({ kind, readEpoch }: Visit): boolean {
  return kind === 'open' && readEpoch === undefined
}

async function lookUp(
  { db }: ActionContext,
  asking: readonly Visit[],
): Promise<{ members: Members; error?: unknown }> {
  const members = new Map<Visit, MemberRecord>()
  if (asking.length === 0) return { members }
  try {
    for (const [index, member] of (await readMembers(db, asking)).entries()) {
      const visit = asking[index]
      if (visit !== undefined && member !== undefined) members.set(visit, member)
    }
    return { members }
  } catch (error) {
    return { members, error }
  }
}

/** In one step a person. */
async function putLeases(
  ctx: ActionContext,
  people: readonly VisitsOfOne[],
  members: Members = new Map(),
): Promise<void> {
  const steps = people
    .map(([userId, own]) => ({
      userId,
      leases: own.flatMap((visit) => leaseOf(ctx, visit, members.get(visit)) ?? []),
    }))
    .filter(({ leases }) => leases.length > 0)
  if (steps.length > 0) await applySteps(ctx, steps, { readers: new Set(steps.map(({ userId }) => userId)) })
}

function leaseOf(
  ctx: ActionContext,
  visit: Visit,
  member: MemberRecord | undefined,
): LeaseChange | undefined {
  const { kind, deviceId, roomId } = visit
  if (kind === 'close') return { kind, deviceId, roomId }
  const readEpoch = visit.readEpoch ?? member?.readEpoch
  if (readEpoch === undefined) return undefined
  const device = ctx.devices.get(deviceId)
  // Gone, put out of the room or hidden while it waited for its turn: a lease put now would outlive that.
  if (device === undefined || !noteOpened(device, roomId, readEpoch) || !device.visible) return undefined
  return { kind, deviceId, roomId, readEpoch, ttlMs: LEASE_TTL_MS }
}

/** Notes at which epoch the room is opened, unless it was closed meanwhile, or marked unread after that epoch. */
function noteOpened({ rooms, markedUnread }: LocalDevice, roomId: RoomId, readEpoch: number): boolean {
  const markedAt = markedUnread.get(roomId) ?? Number.POSITIVE_INFINITY
  if (!rooms.has(roomId) && markedAt > readEpoch) return false
  markedUnread.delete(roomId)
  rooms.set(roomId, readEpoch)
  return true
}
