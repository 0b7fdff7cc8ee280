import type { RoomId, UserId, WireMessage } from '@tally/protocol'
import { expect, test } from 'vitest'
import { Delivery } from '../src/delivery.ts'
import { memoryStorage } from '../src/key-value-storage.ts'
import { seededRandom } from './simulation/random.ts'

const [ANN, BEN] = ['ann', 'ben'] as UserId[] as [UserId, UserId]
const ROOM = 'room' as RoomId

test('what another person kept here waits until the connection is theirs', async () => {
  const sent: string[] = []
  const device = { isLive: false }
  const delivery = new Delivery({
    url: undefined,
    storage: memoryStorage(),
    tabs: undefined,
    nowMs: () => 0,
    wallClock: () => new Date(0),
    random: seededRandom(1),
    deliver: async ({ text }) => {
      sent.push(text)
      return {} as WireMessage
    },
    isLive: () => device.isLive,
    isVisible: () => true,
    onChange: () => {},
    onStored: () => {},
    onUnauthorized: () => {},
    onWake: () => {},
  })
  const settle = async (): Promise<void> => {
    await delivery.written()
    await new Promise((resolve) => setImmediate(resolve))
  }
  delivery.identify(BEN)
  await settle()
  delivery.queue.add({ roomId: ROOM, text: 'from ben' })
  await settle()

  // The connection is of ann when the host's function gives a token of ben.
  delivery.identify(ANN)
  delivery.authenticated(ANN)
  device.isLive = true
  await settle()
  delivery.identify(BEN)
  await settle()
  delivery.queue.add({ roomId: ROOM, text: 'from ben, too' })
  await settle()
  expect(sent).toEqual([])
  delivery.authenticated(BEN)
  await settle()
  expect(sent).toEqual(['from ben', 'from ben, too'])
})
