import { expect, test } from 'vitest'
import { roomPath, routeOf } from './route.ts'

test('a room’s path leads to that room, whatever its id contains', () => {
  for (const roomId of ['0198', 'a/b', '방 1', '100%', '?x#y']) {
    expect(routeOf(roomPath(roomId))).toEqual({ page: 'room', roomId })
  }
})

test('the pages have their paths', () => {
  expect(routeOf('/')).toEqual({ page: 'chats' })
  expect(routeOf('/demo')).toEqual({ page: 'demo' })
  expect(routeOf('/design/')).toEqual({ page: 'design' })
})

test('what is not a path of ours is unknown, not an error', () => {
  for (const path of ['/r', '/r/%E0%A4%A', '/r/a/b', '/demo/x', '/elsewhere']) {
    expect(routeOf(path)).toEqual({ page: 'unknown' })
  }
})
