import type { RoomState, UserId } from '@tally/client'

/** How a room presents itself to one of its members. */
export type RoomFace = {
  name: string
  /** The other person of a direct room who is still there; `null` in a group. */
  otherId: UserId | null
  /** How many people are in it. */
  people: number
}

/** The names by which a group without a title goes. */
const NAMES_SHOWN = 3

/** @param formerMember what stands for somebody who left or deleted the account, and for a group that all others left. */
export function roomFace(room: RoomState, meId: UserId | undefined, formerMember: string): RoomFace {
  const present = room.members.filter((member) => !member.left)
  const people = present.length
  if (room.kind === 'group') {
    const names = present.filter((member) => member.userId !== meId).flatMap(({ name }) => name ?? [])
    const name = room.title ?? (names.slice(0, NAMES_SHOWN).join(', ') || formerMember)
    return { name, otherId: null, people }
  }
  const other = present.find((member) => member.userId !== meId)
  return { name: other?.name ?? formerMember, otherId: other?.userId ?? null, people }
}

/** The name of a member as others see it. */
export function memberName(room: RoomState | undefined, userId: UserId | null, formerMember: string): string {
  return room?.members.find((member) => member.userId === userId)?.name ?? formerMember
}
