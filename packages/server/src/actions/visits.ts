import type { RoomId } from '@tally/protocol'
import type { LocalDevice } from '../bus/local-devices.ts'
import type { LeaseChange } from '../core/ledger-step.ts'
import { type MemberRecord, readMembers } from '../store/read-member.ts'
import { applySteps } from './announce.ts'
import type { ActionContext, Visit, Visited } from './context.ts'
import { LEASE_TTL_MS } from './leases.ts'

/** So long those who close wait for where those stand who open. */
const LOOK_MS = 100

/**
 * Puts and ends the leases of rooms that devices open and close, in one step a person: whoever goes from one room to
 * another moves their badge once. A lease says at which read epoch the room was opened, so that is looked up before. Where
 * the database takes its time, or does not answer, what closes does so all the same.
 *
 * @returns where each who opens a room stands in it; a rejection with `overloaded` or `storage_unavailable` where that is
 * not known.
 */
export async function putVisits(
  ctx: ActionContext,
  visits: readonly Visit[],
): Promise<(Visited | Promise<Visited>)[]> {
  const asking = visits.filter(isAsking)
  const looking = lookUp(ctx, asking)
  const looked = await inTime(looking)
  if (looked !== undefined) {
    await putLeases(ctx, visits, looked.members)
    return visits.map((visit) => answerOf(visit, looked))
  }
  await putLeases(
    ctx,
    visits.filter((visit) => !isAsking(visit)),
  )
  const late = looking.then(async (found) => {
    await putLeases(ctx, asking, found.members)
    return found
  })
  return visits.map((visit) => (isAsking(visit) ? late.then((found) => answerOf(visit, found)) : undefined))
}

type Looked = { members: ReadonlyMap<Visit, MemberRecord>; error?: unknown }

function isAsking({ kind, readEpoch }: Visit): boolean {
  return kind === 'open' && readEpoch === undefined
}

function answerOf(visit: Visit, { members, error }: Looked): Visited | Promise<Visited> {
  return error !== undefined && isAsking(visit) ? Promise.reject(error) : members.get(visit)
}

async function inTime(looking: Promise<Looked>): Promise<Looked | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), LOOK_MS)
  return Promise.race([looking, promise]).finally(() => clearTimeout(timer))
}

/** @returns what it found, never a rejection. */
async function lookUp({ db }: ActionContext, asking: readonly Visit[]): Promise<Looked> {
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
  visits: readonly Visit[],
  members: Looked['members'] = new Map(),
): Promise<void> {
  const steps = Array.from(
    Map.groupBy(visits, ({ userId }) => userId),
    ([userId, own]) => ({
      userId,
      leases: own.flatMap((visit) => leaseOf(ctx, visit, members.get(visit)) ?? []),
    }),
  ).filter(({ leases }) => leases.length > 0)
  if (steps.length > 0) await applySteps(ctx, steps, { readers: new Set(steps.map(({ userId }) => userId)) })
}

function leaseOf(
  ctx: ActionContext,
  visit: Visit,
  member: MemberRecord | undefined,
): LeaseChange | undefined {
  const { kind, deviceId, roomId } = visit
  if (kind === 'close') return { kind, deviceId, roomId }
  const lookedUp = visit.readEpoch ?? member?.readEpoch
  if (lookedUp === undefined) return undefined
  const device = ctx.devices.get(deviceId)
  const readEpoch = device && noteOpened(device, roomId, lookedUp)
  // Gone, put out of the room or hidden while it waited for its turn: a lease put now would outlive that.
  if (readEpoch === undefined || !device?.visible) return undefined
  return { kind, deviceId, roomId, readEpoch, ttlMs: LEASE_TTL_MS }
}

/**
 * Notes at which epoch the room is opened, unless it was closed meanwhile, or marked unread after that epoch.
 * @returns the epoch: a look that took longer than a later one knows less.
 */
function noteOpened(
  { rooms, markedUnread }: LocalDevice,
  roomId: RoomId,
  lookedUp: number,
): number | undefined {
  const markedAt = markedUnread.get(roomId) ?? Number.POSITIVE_INFINITY
  if (!rooms.has(roomId) && markedAt > lookedUp) return undefined
  const readEpoch = Math.max(lookedUp, rooms.get(roomId) ?? 0)
  markedUnread.delete(roomId)
  rooms.set(roomId, readEpoch)
  return readEpoch
}
