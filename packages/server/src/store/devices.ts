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
 * @param device `issuedAtMs`: when the token was issued that it is signed in with (ms since 1970).
 * @throws RequestError `session_revoked` when the sign-in was ended, or all of before were; `user_not_found`,
 * `storage_unavailable`.
 */
export async function putDevice(
  db: Database,
  device: Pick<Device, 'id' | 'kind' | 'name' | 'browser' | 'os'> & {
    userId: UserId
    signIn: SignIn
    issuedAtMs: number
    mostDevices: number
  },
): Promise<SignIn[]> {
  const { userId, id, signIn, issuedAtMs, mostDevices } = device
  const looks = [device.kind, device.name, device.browser, device.os]
  const issuedAt = new Date(issuedAtMs).toISOString()
  const values = [userId, id, signIn, issuedAt, ...looks, mostDevices, SIGN_INS_PER_DEVICE]
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

/** Ends one sign-in, whether or not it was ever said to be some device's. */
export async function signOut(
  db: Database,
  { userId, signIn }: { userId: UserId; signIn: SignIn },
): Promise<void> {
  await db.query({ name: 'sign_out', text: 'select sign_out($1, $2)', values: [userId, signIn] })
}

/** Devices with these sign-ins were seen just now. Nothing is written of one that was seen within the hour. */
export async function touchDevicesSeen(
  db: Database,
  seen: readonly { userId: UserId; signIn: SignIn }[],
): Promise<void> {
  await db.query({
    name: 'touch-devices-seen',
    text: `
      with locked as (
        select d.user_id, d.id
        from unnest($1::text[], $2::text[]) seen(user_id, sign_in)
        join sign_ins s on s.user_id = seen.user_id and s.sign_in = seen.sign_in
        join devices d on d.user_id = s.user_id and d.id = s.device_id
        where d.last_seen_at < clock_timestamp() - interval '1 hour'
        order by d.user_id, d.id for no key update of d
      )
      update devices d set last_seen_at = clock_timestamp()
      from locked l where d.user_id = l.user_id and d.id = l.id`,
    values: [seen.map(({ userId }) => userId), seen.map(({ signIn }) => signIn)],
  })
}

/** People whose devices are looked at in one statement. */
const FORGOTTEN_AT_ONCE = 500

/**
 * Forgets some devices that nobody was seen on for so long that no token there can be good any more. Whoever is busy with
 * their devices is left for the next time.
 *
 * @returns whether there may be more.
 * @throws RequestError `storage_unavailable`.
 */
export async function forgetUnseenDevices(
  db: Database,
  { afterDays }: { afterDays: number },
): Promise<{ more: boolean }> {
  const [row] = await db.query<{ devices: number }>({
    name: 'forget-unseen-devices',
    text: `
      with unseen as (
        select d.user_id, d.id from devices d
        where d.last_seen_at < clock_timestamp() - $1 * interval '1 day' limit $2
      ), locked as (
        select u.id from users u where u.id in (select user_id from unseen) order by u.id for no key update skip locked
      ), gone as (
        delete from devices d using unseen, locked l
        where d.user_id = unseen.user_id and d.id = unseen.id and d.user_id = l.id
          and d.last_seen_at < clock_timestamp() - $1 * interval '1 day'
        returning d.user_id, d.id
      ), ended as (
        delete from sign_ins s using gone g where s.user_id = g.user_id and s.device_id = g.id
      )
      select count(*)::int as devices from gone`,
    values: [afterDays, FORGOTTEN_AT_ONCE],
  })
  return { more: row?.devices === FORGOTTEN_AT_ONCE }
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
