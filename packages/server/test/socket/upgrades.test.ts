import { EventEmitter } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { Duplex, finished } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Upgrades } from '../../src/edges/socket/entrance.ts'
import { Turnstile } from '../../src/edges/socket/turnstile.ts'

function upgraded(count: number, { perTurn }: { perTurn: number }) {
  const httpServer = new EventEmitter() as HttpServer
  const upgrades = new Upgrades(httpServer, new Turnstile({ perTurn }))
  const sockets = Array.from({ length: count }, () => new Duplex({ read() {}, write() {} }))
  for (const socket of sockets) httpServer.emit('upgrade', {}, socket)
  return { upgrades, sockets }
}

test('however many connections are lost at one moment, so many are told of it in a turn of the event loop', async () => {
  const { sockets } = upgraded(7, { perTurn: 3 })
  const told: number[] = []
  sockets.forEach((socket, index) => void socket.on('close', () => told.push(index)))
  for (const socket of sockets) socket.destroy()
  const seen: number[] = []
  while (told.length < sockets.length) {
    await nextTurn()
    seen.push(told.length)
  }
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(seen.filter((count, index) => count !== seen[index - 1] && count > 0)).toEqual([3, 6, 7])
})

test('what a connection sent is read before its end, and its end is told before its close', async () => {
  const { sockets } = upgraded(1, { perTurn: 1 })
  const [socket] = sockets
  if (socket === undefined) throw new Error('there is one')
  const told: string[] = []
  socket.on('data', (chunk: Buffer) => told.push(chunk.toString()))
  for (const event of ['end', 'close']) socket.on(event, () => told.push(event))
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.push('last words')
  socket.push(null)
  socket.end()
  await closed
  expect(told).toEqual(['last words', 'end', 'close'])
})

test('everybody is gone when every close was told', async () => {
  const { upgrades, sockets } = upgraded(5, { perTurn: 2 })
  const closed = sockets.map((socket) => new Promise((resolve) => finished(socket, resolve)))
  for (const socket of sockets) socket.destroy()
  await Promise.all([upgrades.ended({ withinMs: 60_000 }), ...closed])
  expect(sockets.every(({ closed }) => closed)).toBe(true)
})
