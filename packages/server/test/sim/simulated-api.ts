import {
  errorDetailOf,
  RequestError,
  type RoomId,
  type Seq,
  statusOf,
  type UserId,
  v1,
} from '@tally/protocol'
import { archiveRoom } from '../../src/actions/archive-room.ts'
import { blockUser } from '../../src/actions/block-user.ts'
import type { ActionContext, Caller } from '../../src/actions/context.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { editMessage } from '../../src/actions/edit-message.ts'
import { getRoom } from '../../src/actions/get-room.ts'
import { listMessages } from '../../src/actions/list-messages.ts'
import { markAllRead } from '../../src/actions/mark-all-read.ts'
import { markUnread } from '../../src/actions/mark-unread.ts'
import { muteRoom } from '../../src/actions/mute-room.ts'
import { react } from '../../src/actions/react.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { unblockUser } from '../../src/actions/unblock-user.ts'
import type { Chance } from '../scenarios/seeded.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { VirtualTime } from './virtual-time.ts'

type Request = {
  readonly roomId: RoomId
  readonly seq: Seq
  readonly query: URLSearchParams
  readonly body: Record<string, never>
}

type Serve = (ctx: ActionContext, caller: Caller, request: Request) => Promise<unknown>

const done = async (work: Promise<void>): Promise<{ ok: true }> => {
  await work
  return { ok: true }
}

/** What a client asks over HTTP, and the action behind each. */
const ROUTES: readonly (readonly [{ method: string; path: string }, Serve])[] = [
  [v1.readRoom, (ctx, caller, { roomId }) => getRoom(ctx, caller, { roomId })],
  [v1.listMessages, (ctx, caller, request) => listMessages(ctx, caller, pageOf(request))],
  [
    v1.markUnread,
    (ctx, caller, { roomId, body }) => markUnread(ctx, caller, { roomId, fromSeq: body['fromSeq']! }),
  ],
  [
    v1.muteRoom,
    (ctx, caller, { roomId, body }) => done(muteRoom(ctx, caller, { roomId, muted: body['muted']! })),
  ],
  [
    v1.archiveRoom,
    (ctx, caller, { roomId, body }) =>
      done(archiveRoom(ctx, caller, { roomId, archived: body['archived']! })),
  ],
  [
    v1.removeMember,
    (ctx, caller, { roomId }) => done(removeMember(ctx, caller, { roomId, userId: caller.userId })),
  ],
  [v1.deleteMessage, (ctx, caller, { roomId, seq }) => deleteMessage(ctx, caller, { roomId, seq })],
  [
    v1.editMessage,
    (ctx, caller, { roomId, seq, body }) => editMessage(ctx, caller, { roomId, seq, text: body['text']! }),
  ],
  [
    v1.react,
    (ctx, caller, { roomId, body }) =>
      react(ctx, caller, { roomId, seq: body['seq']!, emoji: body['emoji']!, on: body['on']! }),
  ],
  [v1.markAllRead, (ctx, caller) => done(markAllRead(ctx, caller))],
  [
    v1.block,
    (ctx, caller, { body }) =>
      done((body['blocked'] ? blockUser : unblockUser)(ctx, caller, { userId: body['userId']! })),
  ],
]

export type ApiOptions = {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly userId: UserId
  readonly findNode: () => SimulatedNode | undefined
}

/** A device's requests over HTTP: each to any node, and lost with it when that one is killed meanwhile. */
export function simulatedFetch({ time, chance, userId, findNode }: ApiOptions): typeof fetch {
  const latencyMs = (): number => 1 + chance.below(30)
  const answer = async (input: string, init: RequestInit): Promise<Response> => {
    await time.wait(latencyMs())
    const node = findNode()
    if (node === undefined) throw new TypeError('fetch failed')
    const { status, body } = await serve(node.ctx, { userId }, { input, init })
    await time.wait(latencyMs())
    if (node.isDead || findNode() === undefined) throw new TypeError('fetch failed')
    const text = JSON.stringify(body)
    return { ok: status === 200, status, json: async () => JSON.parse(text) } as Response
  }
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(new TypeError('aborted')), { once: true })
      answer(String(input), init).then(resolve, reject)
    })
}

async function serve(
  ctx: ActionContext,
  caller: Caller,
  { input, init }: { input: string; init: RequestInit },
): Promise<{ status: number; body: unknown }> {
  const url = new URL(input)
  for (const [{ method, path }, run] of ROUTES) {
    const params = method === init.method ? paramsOf(path, url.pathname) : undefined
    if (params === undefined) continue
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : {}
    const roomId = params['roomId'] as RoomId
    try {
      const request = { roomId, seq: Number(params['seq']) as Seq, query: url.searchParams, body }
      return { status: 200, body: await run(ctx, caller, request) }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      return { status: statusOf(error), body: { error: errorDetailOf(error) } }
    }
  }
  throw new Error(`the simulation does not serve ${init.method} ${url.pathname}`)
}

/** @returns `undefined` when this is another path. */
function paramsOf(path: string, pathname: string): Record<string, string> | undefined {
  const names = path.split('/')
  const given = pathname.split('/')
  if (names.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const value = decodeURIComponent(given[index] ?? '')
    if (name.startsWith(':')) params[name.slice(1)] = value
    else if (name !== value) return undefined
  }
  return params
}

function pageOf({ roomId, query }: Request): Parameters<typeof listMessages>[2] {
  const [before, after] = [query.get('before'), query.get('after')]
  return {
    roomId,
    limit: Number(query.get('limit') ?? 20),
    ...(before === null ? {} : { before: Number(before) }),
    ...(after === null ? {} : { after: Number(after) }),
  }
}
