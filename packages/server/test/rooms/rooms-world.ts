import { randomUUID } from 'node:crypto'
import type { RoomId, UserId } from '@tally/protocol'
import type { ActionContext, Caller } from '../../src/actions/context.ts'
import { createRoom } from '../../src/actions/create-room.ts'
import { sendMessage } from '../../src/actions/send-message.ts'
import { upsertUser } from '../../src/actions/upsert-user.ts'
import type { StoredMessage } from '../../src/core/committed.ts'
import type { Database } from '../../src/store/open-database.ts'
import type { Statement } from '../../src/store/statement.ts'
import type { TestDatabaseKind } from '../../test-support/test-database.ts'
import { type UseTallyOptions, useTally } from '../../test-support/test-tally.ts'

/** A whole node on a database of its own, asked by its actions: what an edge would ask. */
export type RoomsWorld = {
  readonly ctx: ActionContext
  /** Somebody nobody has heard of before, known by name. */
  person(name: string): Promise<Caller>
  group(owner: Caller, ...others: Caller[]): Promise<RoomId>
  /** The room of two who have no other. */
  direct(one: Caller, other: Caller): Promise<RoomId>
  send(from: Caller, roomId: RoomId, text: string): Promise<StoredMessage>
  /** The same world, noting down every statement that is run. */
  watched(): { ctx: ActionContext; statements: Statement[] }
}

/** One world for the tests of a `describe`: they share the node, not their people. */
export function useRooms(
  kind: TestDatabaseKind,
  environment: Record<string, string> = {},
  options: UseTallyOptions = {},
): () => RoomsWorld {
  const tally = useTally(
    kind,
    {
      TALLY_SENDS_PER_SECOND: '100000',
      TALLY_SEND_BURST: '100000',
      ...environment,
    },
    options,
  )
  return () => worldOf(tally().ctx)
}

/** The same limits but for these. */
export function limitedTo(ctx: ActionContext, limits: Partial<ActionContext['limits']>): ActionContext {
  return { ...ctx, limits: { ...ctx.limits, ...limits } }
}

/** How an action refuses. */
export const refusal = (code: string) => ({ name: 'RequestError', code })

export const stranger: Caller = { userId: 'nobody-in-here' as UserId }

function worldOf(ctx: ActionContext): RoomsWorld {
  return {
    ctx,
    person: async (name) => {
      const userId = `${name}-${randomUUID().slice(0, 8)}` as UserId
      await upsertUser(ctx, { userId, name })
      return { userId }
    },
    group: async (owner, ...others) => {
      const memberIds = others.map(({ userId }) => userId)
      return (await createRoom(ctx, owner, { kind: 'group', memberIds, history: 'none' })).id
    },
    direct: async (one, other) => {
      return (await createRoom(ctx, one, { kind: 'direct', memberIds: [other.userId], history: 'none' })).id
    },
    send: (from, roomId, text) => sendMessage(ctx, from, { roomId, text }),
    watched: () => {
      const statements: Statement[] = []
      return { ctx: { ...ctx, db: recording(ctx.db, statements) }, statements }
    },
  }
}

function recording(db: Database, statements: Statement[]): Database {
  const query = <R>(statement: Statement): Promise<R[]> => {
    statements.push(statement)
    return db.query<R>(statement)
  }
  return new Proxy(db, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) })
}
