import { describe, expect, test } from 'vitest'
import { EmissionLog, RoundTrip } from './round-trip.ts'

describe('what a device confirms by leaving or writing', () => {
  test('is the last message emitted at least one round trip earlier', () => {
    const log = new EmissionLog()
    log.emitted(5, 1_000)
    log.emitted(6, 1_050)
    expect(log.confirmedSeq({ nowMs: 1_099, roundTripMs: 100 })).toBeUndefined()
    expect(log.confirmedSeq({ nowMs: 1_100, roundTripMs: 100 })).toBe(5)
    expect(log.confirmedSeq({ nowMs: 1_149, roundTripMs: 100 })).toBe(5)
    expect(log.confirmedSeq({ nowMs: 1_150, roundTripMs: 100 })).toBe(6)
  })

  test('is nothing when nothing was emitted', () => {
    expect(new EmissionLog().confirmedSeq({ nowMs: 9_999, roundTripMs: 0 })).toBeUndefined()
  })

  test('does not go back when the round trip grows', () => {
    const log = new EmissionLog()
    log.emitted(5, 1_000)
    expect(log.confirmedSeq({ nowMs: 1_010, roundTripMs: 10 })).toBe(5)
    expect(log.confirmedSeq({ nowMs: 1_011, roundTripMs: 2_000 })).toBe(5)
  })

  test('of a flood confirms less for a moment, never more', () => {
    const log = new EmissionLog()
    for (let seq = 1; seq <= 1_000; seq += 1) log.emitted(seq, seq)
    expect(log.confirmedSeq({ nowMs: 1_000, roundTripMs: 500 })).toBeUndefined()
    expect(log.confirmedSeq({ nowMs: 1_400, roundTripMs: 500 })).toBe(900)
    expect(log.confirmedSeq({ nowMs: 1_500, roundTripMs: 500 })).toBe(1_000)
  })

  test('of an hour in a quiet room is all of it', () => {
    const log = new EmissionLog()
    for (let seq = 1; seq <= 1_000; seq += 1) log.emitted(seq, seq * 3_600)
    expect(log.confirmedSeq({ nowMs: 3_600_001, roundTripMs: 100 })).toBe(999)
  })
})

describe('the round trip', () => {
  test('is taken for long until it was measured', () => {
    expect(new RoundTrip().ms).toBe(2_000)
  })

  test('is the first measurement, rises at once and falls slowly', () => {
    const roundTrip = new RoundTrip()
    roundTrip.measured(40)
    expect(roundTrip.ms).toBe(40)
    roundTrip.measured(300)
    expect(roundTrip.ms).toBe(300)
    roundTrip.measured(100)
    expect(roundTrip.ms).toBe(200)
    roundTrip.measured(100)
    expect(roundTrip.ms).toBe(150)
  })

  test('is believed up to 2 s', () => {
    const roundTrip = new RoundTrip()
    roundTrip.measured(60_000)
    expect(roundTrip.ms).toBe(2_000)
    roundTrip.measured(-5)
    expect(roundTrip.ms).toBeGreaterThanOrEqual(0)
  })
})
