import type { RoomId, UserId } from '@tally/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Bus } from './bus.ts'
import type { Frame } from './frames.ts'

export type BusesUnderTest = {
  /** A node on the same bus as the others of this call. */
  join: (nodeId: string) => Promise<Bus>
  close: () => Promise<void>
}

/** What every bus promises, whatever carries the frames. */
export function busContract(name: string, start: () => Promise<BusesUnderTest>): void {
  describe(`${name} carries frames between nodes`, () => {
    const started: BusesUnderTest[] = []
    const buses = async (): Promise<BusesUnderTest> => {
      const under = await start()
      started.push(under)
      return under
    }
    afterEach(async () => {
      await Promise.all(started.splice(0).map((under) => under.close()))
    })

    test('[B1] frames reach the named nodes and no other', async () => {
      const { join } = await buses()
      const [a, b, c] = await Promise.all([join('a'), join('b'), join('c')])
      const atB = received(b)
      const atC = received(c)
      a.send(['b'], [closed('r1')])
      a.send(['b', 'c'], [closed('r2')])
      // Which of two nodes hears first is nobody's promise.
      await vi.waitFor(() => expect(atB).toEqual([closed('r1'), closed('r2')]), WAIT)
      await vi.waitFor(() => expect(atC).toEqual([closed('r2')]), WAIT)
    })

    test('[B2] frames to all reach every node, the sender included, before send returns there', async () => {
      const { join } = await buses()
      const [a, b] = await Promise.all([join('a'), join('b')])
      const atA = received(a)
      const atB = received(b)
      a.send('all', [closed('r1'), closed('r2')])
      expect(atA).toEqual([closed('r1'), closed('r2')])
      await vi.waitFor(() => expect(atB).toEqual([closed('r1'), closed('r2')]), WAIT)
    })

    test('[B3] frames of one sender to one node arrive in the order they were sent', async () => {
      const { join } = await buses()
      const [a, b] = await Promise.all([join('a'), join('b')])
      const atB = received(b)
      const sent = Array.from({ length: 200 }, (_, index) => closed(`r${index}`))
      for (const frame of sent) a.send(['b'], [frame])
      await vi.waitFor(() => expect(atB).toHaveLength(sent.length), WAIT)
      expect(atB).toEqual(sent)
    })

    test('[B4] a node that is gone hears nothing, and the others do not notice', async () => {
      const { join } = await buses()
      const [a, b, c] = await Promise.all([join('a'), join('b'), join('c')])
      const atB = received(b)
      const atC = received(c)
      await b.close()
      a.send('all', [closed('r1')])
      a.send(['nobody', 'c'], [closed('r2')])
      await vi.waitFor(() => expect(atC).toHaveLength(2), WAIT)
      // To all and to some are two ways, of which neither waits for the other.
      expect(atC).toEqual(expect.arrayContaining([closed('r1'), closed('r2')]))
      expect(atB).toEqual([])
    })

    test('[B5] what one turn sends to many nodes arrives in order at each, whatever else it sends', async () => {
      const { join } = await buses()
      const [a, b, c] = await Promise.all([join('a'), join('b'), join('c')])
      const [atA, atB, atC] = [received(a), received(b), received(c)]
      for (let index = 0; index < 300; index += 1) {
        a.send('all', [closed(`all ${index}`)])
        a.send(['b', 'c'], [closed(`some ${index}`), closed(`more ${index}`)])
      }
      expect(atA).toHaveLength(300)
      await vi.waitFor(() => expect([atB.length, atC.length]).toEqual([900, 900]), WAIT)
      for (const heard of [atB, atC]) {
        expect(heard.filter(isToAll)).toEqual(atA)
        expect(heard.filter((frame) => !isToAll(frame))).toEqual(
          atA.flatMap((_, index) => [closed(`some ${index}`), closed(`more ${index}`)]),
        )
      }
    })

    test('[B6] every frame arrives as it was sent, whatever is in it', async () => {
      const { join } = await buses()
      const [a, b] = await Promise.all([join('a'), join('b')])
      const atB = received(b)
      const awkward = [
        '',
        '\n',
        '"quoted"',
        '\u0000',
        '\ud83d\ude00',
        '\u2028',
        '__proto__',
        'x'.repeat(100_000),
      ]
      a.send(['b'], awkward.map(closed))
      await vi.waitFor(() => expect(atB).toHaveLength(awkward.length), WAIT)
      expect(atB).toEqual(awkward.map(closed))
    })

    test('[B7] a handler that was taken off hears nothing more', async () => {
      const { join } = await buses()
      const a = await join('a')
      const heard: Frame[] = []
      const off = a.onFrames((frames) => heard.push(...frames))
      a.send('all', [closed('r1')])
      off()
      a.send('all', [closed('r2')])
      expect(heard).toEqual([closed('r1')])
    })
  })
}

/** Longer than anything takes: a bus that loses a frame fails, a machine that is busy does not. */
const WAIT = { timeout: 15_000 }

function isToAll(frame: Frame): boolean {
  return frame.kind === 'membership-ended' && frame.roomId.startsWith('all')
}

function received(bus: Bus): Frame[] {
  const frames: Frame[] = []
  bus.onFrames((arrived) => frames.push(...arrived))
  return frames
}

function closed(roomId: string): Frame {
  return { kind: 'membership-ended', userId: 'u' as UserId, roomId: roomId as RoomId }
}
