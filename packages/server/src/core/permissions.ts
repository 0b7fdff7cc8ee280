import type { Role, RoomKind } from './committed.ts'

/** What members may do to a room beside talking in it. Reading and writing take membership alone. */
export type RoomAction = 'update-room' | 'delete-room' | 'add-members'

const RANK: Record<Role, number> = { member: 0, admin: 1, owner: 2 }

const NEEDED: Record<RoomAction, Role> = {
  'update-room': 'admin',
  'add-members': 'admin',
  'delete-room': 'owner',
}

/**
 * Whether a member may do this. Owners and admins rename a group and choose its members, owners delete it. A direct
 * room belongs to both its people: neither may change it for the other.
 */
export function mayDo(action: RoomAction, as: { readonly kind: RoomKind; readonly role: Role }): boolean {
  return as.kind === 'group' && RANK[as.role] >= RANK[NEEDED[action]]
}

/** Whether a member may give this role to somebody who joins: none above their own. */
export function mayGrant(granted: Role, as: { readonly kind: RoomKind; readonly role: Role }): boolean {
  return mayDo('add-members', as) && RANK[as.role] >= RANK[granted]
}

/** Whether a member may take somebody else out: owners anybody, admins those below them. Leaving is always allowed. */
export function mayRemove(other: Role, as: { readonly kind: RoomKind; readonly role: Role }): boolean {
  if (as.kind !== 'group') return false
  return as.role === 'owner' || (as.role === 'admin' && RANK[other] < RANK[as.role])
}
