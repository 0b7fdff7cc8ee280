import type { RoomState } from '@tally/client'
import type { Seq, UserId } from '@tally/protocol'

/** How a room presents itself to one of its members. */
export type RoomFace = {
  /** `null`: the other person, or everybody else, left or deleted the account; the interface has its own word for that. */
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
    const name = room.title ?? (names.slice(0, NAMES_SHOWN).join(', ') || null)
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

/** How far a message has come among the others of its room. */
export type Reach = {
  state: 'sent' | 'delivered' | 'read'
  /** How many have it on a device, and how many of them read it, of how many who are still here. */
  delivered: number
  read: number
  of: number
}

/**
 * It is delivered once a device of everybody has it, and read once everybody read it: of those who are still here, or
 * where nobody is, of those who were.
 */
export function reachOf(room: RoomState, seq: Seq, meId: UserId | undefined): Reach {
  const ever = room.members.filter((member) => member.userId !== meId)
  const here = ever.filter((member) => !member.left)
  const others = here.length === 0 ? ever : here
  const delivered = others.filter((member) => member.deliveredSeq >= seq).length
  const read = others.filter((member) => member.readSeq >= seq).length
  // A large group shows its first members only: of the rest nobody here knows.
  const of = Math.max(others.length, room.memberCount - 1)
  const state = of === 0 || delivered < of ? 'sent' : read < of ? 'delivered' : 'read'
  return { state, delivered, read, of }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
