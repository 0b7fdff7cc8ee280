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
      await vi.waitFor(() => expect(atC).toEqual([closed('r2')]))
      expect(atB).toEqual([closed('r1'), closed('r2')])
    })

    test('[B2] frames to all reach every node, the sender included, before send returns there', async () => {
      const { join } = await buses()
      const [a, b] = await Promise.all([join('a'), join('b')])
      const atA = received(a)
      const atB = received(b)
      a.send('all', [closed('r1'), closed('r2')])
      expect(atA).toEqual([closed('r1'), closed('r2')])
      await vi.waitFor(() => expect(atB).toEqual([closed('r1'), closed('r2')]))
    })

    test('[B3] frames of one sender arrive in the order they were sent', async () => {
      const { join } = await buses()
      const [a, b] = await Promise.all([join('a'), join('b')])
      const atB = received(b)
      const sent = Array.from({ length: 200 }, (_, index) => closed(`r${index}`))
      for (const frame of sent) a.send(['b'], [frame])
      await vi.waitFor(() => expect(atB).toHaveLength(sent.length))
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
      await vi.waitFor(() => expect(atC).toEqual([closed('r1'), closed('r2')]))
      expect(atB).toEqual([])
    })

    test('[B5] a handler that was taken off hears nothing more', async () => {
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

function received(bus: Bus): Frame[] {
  const frames: Frame[] = []
  bus.onFrames((arrived) => frames.push(...arrived))
  return frames
}

function closed(roomId: string): Frame {
  return { kind: 'membership-ended', userId: 'u' as UserId, roomId: roomId as RoomId }
}
