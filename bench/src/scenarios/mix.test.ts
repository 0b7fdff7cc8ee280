import { expect, test } from 'vitest'
import { heldMix } from '../capacity/measured.ts'
import { latencies } from '../measure/percentiles.ts'
import { busyBar, type MixMeasured } from './mix.ts'
import type { MixFigures, Timed } from './mix-run.ts'

/** A step in which everything takes 10 ms but what is named. */
function step(send: number, loopShare: number, slow: Partial<Record<Timed, number>> = {}): MixFigures {
  const of = (what: Timed) => latencies([slow[what] ?? 10])
  const took = { send: of('send'), switch: of('switch'), scroll: of('scroll'), check: of('check') }
  return {
    ...{ rates: { send }, loopShare, badge: of('badge'), failed: 0, unseen: 0 },
    took: { ...took, mark: of('mark'), reconnect: of('reconnect') },
  } as unknown as MixFigures
}

test('the event loop may be busy only while everything that people do is done in time', () => {
  const climbs = (['badge', 'send', 'switch', 'scroll', 'check', 'mark', 'reconnect'] as const).map(
    (what) => [what, [step(100, 0.5), step(200, 0.97, { [what]: 101 })]] as const,
  )
  for (const [what, steps] of climbs) {
    const bar = busyBar(steps)
    expect(bar.held, what).toBe(false)
    expect(bar.measured).toBe(`0.50 at 100 messages/s and all around them; at 200/s ${what} takes 101 ms`)
    expect(heldMix({ steps } as unknown as MixMeasured)).toHaveLength(1)
  }
  expect(busyBar([step(100, 0.5), step(200, 0.97, { scroll: 100 })]).held).toBe(true)
})

test('a rate that is held above one that is not does not count', () => {
  const steps = [step(100, 0.5), step(200, 0.9, { check: 150, scroll: 200 }), step(300, 0.97)]
  expect(busyBar(steps)).toMatchObject({
    held: false,
    measured: expect.stringContaining('at 200/s scroll takes 200 ms, check takes 150 ms'),
  })
})

test('what nobody did is not too slow, and a climb may end with the list', () => {
  const none = { ...step(100, 0.96), took: { mark: latencies([]) } }
  expect(busyBar([none])).toMatchObject({
    held: true,
    measured: expect.stringContaining('the highest rate that was tried'),
  })
})
