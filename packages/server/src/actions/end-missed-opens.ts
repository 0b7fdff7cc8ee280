import type { Frame } from '../bus/frames.ts'
import type { LocalDevice } from '../bus/local-devices.ts'
import type { LedgerStep } from '../core/ledger-step.ts'
import { type Opened, readMarkedUnread } from '../store/read-marked-unread.ts'
import { applySteps } from './announce.ts'
import type { ActionContext } from './context.ts'

/** Rooms per look at the database: between two of them it answers others. */
const ROOMS_AT_ONCE = 1_000

/**
 * Ends what devices here have open though it was made unread since, should word of that have got lost: asserted again and
 * again, it would hide the mark for as long as the device shows the room. Where nothing is open, nothing is asked.
 *
 * @throws RequestError `storage_unavailable`; the next touch looks again.
 */
export async function endMissedOpens(ctx: ActionContext): Promise<void> {
  const opened = openedHere(ctx)
  for (let first = 0; first < opened.length; first += ROOMS_AT_ONCE) {
    const some = opened.slice(first, first + ROOMS_AT_ONCE)
    const places = await readMarkedUnread(ctx.db, some)
    // But for what was closed, or opened anew, while the database was asked.
    const missed = places
      .flatMap((place) => some[place] ?? [])
      .filter(({ device, roomId, readEpoch }) => device.rooms.get(roomId) === readEpoch)
    if (missed.length > 0) await end(ctx, missed)
  }
}

type OpenedHere = Opened & { readonly device: LocalDevice }

function openedHere({ devices }: ActionContext): OpenedHere[] {
  const opened: OpenedHere[] = []
  for (const userId of devices.users()) {
    for (const device of devices.of(userId)) {
      for (const [roomId, readEpoch] of device.rooms) {
        if (readEpoch !== undefined) opened.push({ userId, roomId, readEpoch, device })
      }
    }
  }
  return opened
}

async function end(ctx: ActionContext, missed: readonly OpenedHere[]): Promise<void> {
  const frames: Frame[] = []
  const steps: LedgerStep[] = []
  // On these devices alone: another one of the same person may have opened the room after the mark.
  for (const { userId, roomId, readEpoch, device } of missed) {
    const { deviceId } = device
    frames.push({ kind: 'open-ended', userId, roomId, deviceId, beforeEpoch: readEpoch + 1 })
    steps.push({ userId, leases: [{ kind: 'close', deviceId, roomId }] })
  }
  ctx.bus.send([ctx.bus.nodeId], frames)
  await applySteps(ctx, steps, { readers: new Set(missed.map(({ userId }) => userId)) })
}
