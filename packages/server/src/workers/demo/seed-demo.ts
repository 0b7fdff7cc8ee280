import type { RoomId } from '@tally/protocol'
import type { ActionContext } from '../../actions/context.ts'
import { createNotification } from '../../actions/create-notification.ts'
import { createRoom } from '../../actions/create-room.ts'
import { deleteUser } from '../../actions/delete-user.ts'
import { importHistory } from '../../actions/import-history.ts'
import { listPeople } from '../../actions/list-people.ts'
import { markRead } from '../../actions/mark-read.ts'
import { muteRoom } from '../../actions/mute-room.ts'
import { react } from '../../actions/react.ts'
import { upsertUser } from '../../actions/upsert-user.ts'
import {
  DEMO_CONVERSATIONS,
  DEMO_NOTIFICATIONS,
  DEMO_WITHDRAWN_LINE,
  type DemoConversation,
  type DemoLine,
} from './conversations.ts'
import { DEMO_PEOPLE, DEMO_WITHDRAWN, type DemoPerson } from './people.ts'

/**
 * Fills an empty database with people of both sides of a marketplace, their rooms and histories, as if they had talked
 * before. Does nothing where anybody is known already.
 *
 * @returns whether it made them.
 */
export async function seedDemo(ctx: ActionContext): Promise<boolean> {
  if ((await listPeople(ctx)).length > 0) return false
  for (const person of [...Object.values(DEMO_PEOPLE), DEMO_WITHDRAWN]) await upsertUser(ctx, person)
  await seedWithdrawn(ctx)
  for (const conversation of DEMO_CONVERSATIONS) await seedConversation(ctx, conversation)
  for (const { to, type, title, content } of DEMO_NOTIFICATIONS) {
    await createNotification(ctx, { userIds: [DEMO_PEOPLE[to].userId], type, title, content })
  }
  return true
}

async function seedConversation(ctx: ActionContext, conversation: DemoConversation): Promise<void> {
  const { key, kind, title, jobTitle, lines } = conversation
  const members = conversation.members.map((name) => DEMO_PEOPLE[name])
  const [seeker, company] = members
  const metadata =
    kind === 'direct' && seeker !== undefined && company !== undefined
      ? { userId: seeker.userId, companyId: company.userId, ...(jobTitle === undefined ? {} : { jobTitle }) }
      : {}
  const { id: roomId } = await createRoom(ctx, null, {
    kind,
    key,
    title,
    metadata,
    memberIds: members.map(({ userId }) => userId),
    history: 'none',
  })
  await importLines(ctx, roomId, lines)
  for (const { line, from, emoji } of conversation.reactions ?? []) {
    await react(ctx, DEMO_PEOPLE[from], { roomId, seq: line, emoji, on: true })
  }
  for (const name of conversation.members) {
    await markRead(ctx, DEMO_PEOPLE[name], { roomId, upToSeq: conversation.read?.[name] ?? lines.length })
  }
  for (const name of conversation.mutedBy ?? [])
    await muteRoom(ctx, DEMO_PEOPLE[name], { roomId, muted: true })
}

/** Somebody who wrote once, was answered, and deleted the account. */
async function seedWithdrawn(ctx: ActionContext): Promise<void> {
  const other: DemoPerson = DEMO_PEOPLE.minjun
  const { id: roomId } = await createRoom(ctx, null, {
    kind: 'direct',
    memberIds: [other.userId, DEMO_WITHDRAWN.userId],
    metadata: {},
    history: 'none',
  })
  await importLines(ctx, roomId, [DEMO_WITHDRAWN_LINE])
  await deleteUser(ctx, { userId: DEMO_WITHDRAWN.userId })
}

async function importLines(ctx: ActionContext, roomId: RoomId, lines: readonly DemoLine[]): Promise<void> {
  const nowMs = ctx.now()
  const messages = lines.map(({ from, text, minutesAgo, type = 'regular', replyTo }) => ({
    senderId: from === 'system' ? null : DEMO_PEOPLE[from].userId,
    text,
    type,
    createdAt: new Date(nowMs - minutesAgo * MS_PER_MINUTE),
    ...(replyTo === undefined ? {} : { replyTo }),
  }))
  await importHistory(ctx, { roomId, messages })
}

const MS_PER_MINUTE = 60_000
