import { type ChannelMessage, type RoomId, type UserId, webAppEndpoints } from '@tally/protocol'
import type { ActionContext } from '../../actions/context.ts'
import type { Author } from '../../actions/list-new-messages.ts'
import { listUnreadNotifications } from '../../actions/list-unread-notifications.ts'
import { pollRoom } from '../../actions/poll-room.ts'
import { sendMessage } from '../../actions/send-message.ts'
import type { StoredMessage } from '../../core/committed.ts'
import { type HttpApp, serve } from './endpoint-route.ts'
import { SYSTEM_NAME, WITHDRAWN_NAME } from './installed-apps.ts'

/** The polling web app as it is installed. (docs/PROTOCOL.md, "HTTP for installed web pages".) */
export function serveWebApp(app: HttpApp, ctx: ActionContext): void {
  const screens = new PolledScreens()
  serve(app, webAppEndpoints.poll, async ({ caller, params: { channelId: roomId }, query: { after } }) => {
    const screen = { userId: caller.userId, roomId }
    // Without the last message it has, a client shows the room anew.
    const screenEpoch = after === undefined ? undefined : screens.epochOf(screen)
    const polled = await pollRoom(ctx, caller, { roomId, after, screenEpoch })
    screens.remember(screen, polled.screenEpoch)
    return {
      messages: polled.messages.map(({ message, author }) => channelMessage(message, author)),
      activeUsers: polled.activeUsers,
      nextPollMs: polled.nextPollMs,
    }
  })
  serve(app, webAppEndpoints.send, async ({ caller, params, body: { content, clientId } }) => {
    const message = await sendMessage(ctx, caller, {
      roomId: params.channelId,
      text: content,
      ...(clientId === null || clientId === undefined ? {} : { clientId }),
    })
    return { message: channelMessage(message, caller.user) }
  })
  serve(app, webAppEndpoints.listUnreadNotifications, async ({ caller }) => {
    const { notifications, count } = await listUnreadNotifications(ctx, caller, { limit: ctx.limits.pageMax })
    return { notifications, count }
  })
}

function channelMessage(message: StoredMessage, author: Author): ChannelMessage {
  // The system's messages count for nobody; every other one had a sender once.
  const unnamed = message.counted ? WITHDRAWN_NAME : SYSTEM_NAME
  return {
    id: message.id,
    channelId: message.roomId,
    content: message.text,
    createdAt: message.createdAt,
    author: { id: author.id, name: author.name ?? author.id ?? unnamed, image: author.image },
  }
}

type Screen = { userId: UserId; roomId: RoomId }

const MOST_SCREENS = 20_000

/**
 * Screens that poll this node, each with the reading it was opened at. A node that forgot one, or never knew it, takes
 * its next poll for an opening.
 */
class PolledScreens {
  /** Oldest use first. */
  readonly #epochs = new Map<string, number>()

  epochOf(screen: Screen): number | undefined {
    return this.#epochs.get(keyOf(screen))
  }

  remember(screen: Screen, epoch: number): void {
    const key = keyOf(screen)
    this.#epochs.delete(key)
    this.#epochs.set(key, epoch)
    if (this.#epochs.size <= MOST_SCREENS) return
    const [oldest] = this.#epochs.keys()
    if (oldest !== undefined) this.#epochs.delete(oldest)
  }
}

// No id contains a line break.
function keyOf({ userId, roomId }: Screen): string {
  return `${userId}\n${roomId}`
}
