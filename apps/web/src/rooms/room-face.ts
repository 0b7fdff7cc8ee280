import type { RoomState } from '@tally/client'

/** How a room presents itself to one of its members. */
export type RoomFace = {
  /** `null`: the other person left or deleted the account; the interface has its own word for that. */
  name: string | null
  /** What a direct room is about, if the host said so. */
  subject: string | null
  /** The other person of a direct room; `null` in a group. */
  otherId: RoomState['members'][number]['userId'] | null
  /** Which side of the marketplace the other person is on. */
  side: string | null
  /** How many people are in it. */
  people: number
}

/** The names a group without a title goes by. */
const NAMES_SHOWN = 3

export function roomFace(room: RoomState, meId: string | undefined): RoomFace {
  const present = room.members.filter((member) => !member.left)
  if (room.kind === 'group') {
    const names = present.filter((member) => member.userId !== meId).flatMap(({ name }) => name ?? [])
    const name = room.title ?? names.slice(0, NAMES_SHOWN).join(', ')
    return { name, subject: null, otherId: null, side: null, people: present.length }
  }
  const other = room.members.find((member) => member.userId !== meId)
  const gone = other === undefined || other.left
  return {
    name: gone ? null : other.name,
    subject: room.title ?? null,
    otherId: gone || other.name === null ? null : other.userId,
    side: gone ? null : other.userType,
    people: present.length,
  }
}

/** The name of a member as others see it; `null` when there is none to show any more. */
export function memberName(room: RoomState, userId: string | null): string | null {
  return room.members.find((member) => member.userId === userId)?.name ?? null
}

/** How many of the others have read up to `seq`, and whether that is all of them who are still here. */
export function readersOf(room: RoomState, seq: number, meId: string | undefined): { count: number; all: boolean } {
  const others = room.members.filter((member) => member.userId !== meId && !member.left)
  const count = others.filter((member) => member.readSeq >= seq).length
  return { count, all: count > 0 && count === others.length }
}
