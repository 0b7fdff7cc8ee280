import type { Device, DeviceKey, UserId } from '@tally/protocol'
import type { SignIn } from '../core/sign-in.ts'
import { callFunction } from './call-function.ts'
import type { Database } from './open-database.ts'

/** The latest sign-ins of a device that can be ended with it: tokens of hosts that name no session are one each. */
const SIGN_INS_PER_DEVICE = 20

/** A device as it is stored. */
export type DeviceRecord = Omit<Device, 'current'> & { signIns: SignIn[] }

/** Where a person is signed in, the device seen last first. */
export function readDevices(db: Database, userId: UserId): Promise<DeviceRecord[]> {
  return db.query<DeviceRecord>({
    name: 'read-devices',
    text: `
      select d.id, d.kind, d.name, d.browser, d.os, iso_time(d.created_at) as "createdAt",
        iso_time(d.last_seen_at) as "lastSeenAt",
        array(select s.sign_in from sign_ins s where s.user_id = d.user_id and s.device_id = d.id) as "signIns"
      from devices d where d.user_id = $1 order by d.last_seen_at desc, d.id`,
    values: [userId],
  })
}

/**
 * A person is signed in on a device, by this sign-in.
 * @returns sign-ins that ended because the person has too many devices.
 * @throws RequestError `session_revoked` when the sign-in was ended; `user_not_found`, `storage_unavailable`.
 */
export async function putDevice(
  db: Database,
  device: Pick<Device, 'id' | 'kind' | 'name' | 'browser' | 'os'> & {
    userId: UserId
    signIn: SignIn
    mostDevices: number
  },
): Promise<SignIn[]> {
  const { userId, id, signIn, kind, name, browser, os, mostDevices } = device
  const values = [userId, id, signIn, kind, name, browser, os, mostDevices, SIGN_INS_PER_DEVICE]
  return (await callFunction<{ ended: SignIn[] }>(db, 'put_device', values)).ended
}

/** Forgets a device, and ends what it was signed in with. @returns the sign-ins that ended. */
export async function endDevice(
  db: Database,
  { userId, deviceId }: { userId: UserId; deviceId: DeviceKey },
): Promise<SignIn[]> {
  const [row] = await db.query<{ ended: SignIn[] }>({
    name: 'end-device',
    text: 'select end_device($1, $2) as ended',
    values: [userId, deviceId],
  })
  return row?.ended ?? []
}

/** Devices with these sign-ins were seen just now. Nothing is written of one that was seen within the hour. */
export async function touchDevicesSeen(
  db: Database,
  seen: readonly { userId: UserId; signIn: SignIn }[],
): Promise<void> {
  await db.query({
    name: 'touch-devices-seen',
    text: `
      update devices d set last_seen_at = clock_timestamp()
      from unnest($1::text[], $2::text[]) seen(user_id, sign_in)
      join sign_ins s on s.user_id = seen.user_id and s.sign_in = seen.sign_in
      where d.user_id = s.user_id and d.id = s.device_id
        and d.last_seen_at < clock_timestamp() - interval '1 hour'`,
    values: [seen.map(({ userId }) => userId), seen.map(({ signIn }) => signIn)],
  })
}

/**
 * Forgets sign-ins that ended so long ago that no token of theirs can be good any more.
 * @throws RequestError `storage_unavailable`.
 */
export async function forgetEndedSignIns(db: Database, { afterDays }: { afterDays: number }): Promise<void> {
  await db.query({
    name: 'forget-ended-sign-ins',
    text: `delete from sign_ins s where s.ended_at < clock_timestamp() - $1 * interval '1 day'`,
    values: [afterDays],
  })
}
