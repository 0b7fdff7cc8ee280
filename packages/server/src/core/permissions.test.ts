import { describe, expect, test } from 'vitest'
import type { Role } from './committed.ts'
import { mayDo, mayGrant, mayRemove, type RoomAction } from './permissions.ts'

const ROLES: readonly Role[] = ['owner', 'admin', 'member']

describe('in a group', () => {
  test.each<[RoomAction, Role[]]>([
    ['update-room', ['owner', 'admin']],
    ['add-members', ['owner', 'admin']],
    ['delete-room', ['owner']],
  ])('%s is for %s', (action, allowed) => {
    expect(ROLES.filter((role) => mayDo(action, { kind: 'group', role }))).toEqual(allowed)
  })

  test('nobody gives a role above their own, and members give none', () => {
    const grants = ROLES.map((role) => ROLES.filter((granted) => mayGrant(granted, { kind: 'group', role })))
    expect(grants).toEqual([['owner', 'admin', 'member'], ['admin', 'member'], []])
  })

  test('owners remove anybody, admins members, members nobody', () => {
    const removes = ROLES.map((role) => ROLES.filter((other) => mayRemove(other, { kind: 'group', role })))
    expect(removes).toEqual([['owner', 'admin', 'member'], ['member'], []])
  })
})

test.each(['direct', 'feed'] as const)('in a %s room nobody changes anything for others', (kind) => {
  for (const role of ROLES) {
    for (const action of ['update-room', 'add-members', 'delete-room'] as const) {
      expect(mayDo(action, { kind, role })).toBe(false)
    }
    expect(mayGrant('member', { kind, role })).toBe(false)
    expect(mayRemove('member', { kind, role })).toBe(false)
  }
})
