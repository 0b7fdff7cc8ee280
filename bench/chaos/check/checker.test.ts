import { expect, test } from 'vitest'
import type { DeviceSpec, Journal } from '../crowd/crowd-job.ts'
import { badgeGaps, gapMs, Links } from './badge-gaps.ts'
import { checkMessages } from './check-messages.ts'
import { untilExactMs } from './figures.ts'
import { databaseFigures } from './query-watch.ts'
import type { StoredMessage } from './recount.ts'

const message = (text: string, seq: number, committedAtMs = 0): StoredMessage => ({
  roomId: 'room',
  seq,
  text,
  senderId: 'ann',
  committedAtMs,
})
const send = (text: string, ackedAtMs?: number): Journal['sends'][number] => ({
  text,
  deviceId: 'ann/app-1',
  roomId: 'room',
  wantedAtMs: 0,
  ...(ackedAtMs === undefined ? {} : { ackedAtMs }),
})
const device = (userId: string, frontRoomId?: string): DeviceSpec => ({
  deviceId: `${userId}/app-1`,
  userId,
  token: '',
  style: 'app',
  roomIds: ['room'],
  ...(frontRoomId === undefined ? {} : { frontRoomId }),
})

test('the checker finds what is lost, never sent, doubled, invented and out of order', () => {
  const sends = [send('f0 a 1', 5), send('f0 a 2', 6), send('f0 a 3', 7), send('f0 a 4')]
  const stored = [message('f0 a 2', 1), message('f0 a 1', 2), message('f0 a 1', 3), message('f0 b 1', 4)]
  expect(checkMessages(sends, stored)).toEqual({
    wanted: 4,
    acknowledged: 3,
    stored: 4,
    lost: 1,
    unsent: 1,
    duplicated: 1,
    invented: 1,
    disordered: 2,
  })
})

test('a gap runs from the commit to the first sight of that place or a later one, at each device of the others', () => {
  const links = new Links()
  links.add([
    { deviceId: 'bob/app-1', isUp: true, atMs: 0 },
    { deviceId: 'cat/app-1', isUp: true, atMs: 0 },
    { deviceId: 'cat/app-1', isUp: false, atMs: 110 },
    { deviceId: 'cat/app-1', isUp: true, atMs: 900 },
  ])
  const { gaps, unseen } = badgeGaps({
    messages: [message('f0 a 1', 7, 100)],
    devices: [device('ann'), device('bob'), device('cat'), device('dan', 'room'), device('eve')],
    sightings: [
      { deviceId: 'bob/app-1', roomId: 'room', seq: 6, atMs: 90 },
      { deviceId: 'bob/app-1', roomId: 'room', seq: 9, atMs: 130 },
      { deviceId: 'cat/app-1', roomId: 'room', seq: 7, atMs: 1_300 },
    ],
    links,
  })
  expect(gaps.map((gap) => [gapMs(gap), gap.wasConnected])).toEqual([
    [30, true],
    [1_200, false],
  ])
  expect(unseen).toBe(1)
})

test('badges are exact again when the last late one after the fault has arrived', () => {
  const gap = (committedAtMs: number, seenAtMs: number) => ({
    deviceId: 'bob/app-1',
    committedAtMs,
    seenAtMs,
    wasConnected: true,
  })
  expect(untilExactMs([gap(0, 900), gap(1_000, 5_300), gap(6_000, 6_050)], 5_000)).toBe(300)
  expect(untilExactMs([gap(0, 4_000)], 5_000)).toBe(0)
})

test('what a fault costs the database: the load before, the busiest second, and until when people are warmed', () => {
  // Ten looks a second, of which each is a transaction: 20 others before the fault, 50 from then on, 110 after its end.
  const samples = Array.from({ length: 60 }, (_, index) => {
    const transactions = index * 3 + Math.max(0, index - 20) * 3 + Math.max(0, index - 40) * 6
    const warms = 7 + (index > 20 ? 100 : 0) + (index > 45 ? 100 : 0)
    return { atMs: index * 100, transactions, warms }
  })
  const moments = { fromMs: 0, faultMs: 2_000, faultEndMs: 4_000, untilMs: 6_000 }
  expect(databaseFigures(samples.toReversed(), moments)).toEqual({
    before: 20,
    peak: 110,
    recovery: 110,
    warmed: 200,
    warmAfterMs: 600,
  })
  const quiet = samples.map((sample) => ({ ...sample, warms: 7 }))
  expect(databaseFigures(quiet, moments)).toMatchObject({ warmed: 0, warmAfterMs: 0 })
})
