import type { RoomState } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'

/** How a room presents itself to one of its members. */
export type RoomFace = {
  /** `null`: the other person left or deleted the account; the interface has its own word for that. */
  name: string | null
  /** What a direct room is about: its title, or the `jobTitle` that the host keeps with it. */
  subject: string | null
  /** The other person of a direct room; `null` in a group. */
  otherId: UserId | null
  /** Which side of the marketplace the other person is on. */
  side: string | null
  /** How many people are in it. */
  people: number
}

/** The names a group without a title goes by. */
const NAMES_SHOWN = 3

export function roomFace(room: RoomState, meId: UserId | undefined): RoomFace {
  const present = room.members.filter((member) => !member.left)
  if (room.kind === 'group') {
    const names = present.filter((member) => member.userId !== meId).flatMap(({ name }) => name ?? [])
    const name = room.title ?? names.slice(0, NAMES_SHOWN).join(', ')
    return { name, subject: null, otherId: null, side: null, people: present.length }
  }
  const other = room.members.find((member) => member.userId !== meId)
  const there = other === undefined || other.left || other.name === null ? null : other
  return {
    name: there?.name ?? null,
    subject: room.title ?? textOf(room.metadata['jobTitle']),
    otherId: there?.userId ?? null,
    side: there?.userType ?? null,
    people: present.length,
  }
}

/** The name of a member as others see it; `null` when there is none to show any more. */
export function memberName(room: RoomState, userId: UserId | null): string | null {
  return room.members.find((member) => member.userId === userId)?.name ?? null
}

/** How many of the others have read up to `seq`, and whether that is all of them who are still here. */
export function readersOf(
  room: RoomState,
  seq: Seq,
  meId: UserId | undefined,
): { count: number; all: boolean } {
  const others = room.members.filter((member) => member.userId !== meId && !member.left)
  const count = others.filter((member) => member.readSeq >= seq).length
  return { count, all: count > 0 && count === others.length }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
