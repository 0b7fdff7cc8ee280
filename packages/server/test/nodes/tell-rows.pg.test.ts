import type { MessageId, RoomId, UserId } from '@tally/protocol'
import { RequestError } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import type { ActionContext } from '../../src/actions/context.ts'
import { redeliverUndone } from '../../src/actions/redeliver-undone.ts'
import { OutboxTail } from '../../src/actions/tail-outbox.ts'
import type { Frame } from '../../src/bus/frames.ts'
import { commitGroup } from '../../src/store/commit-group.ts'
import { fingerprintOf } from '../../src/store/fingerprint.ts'
import type { Database } from '../../src/store/open-database.ts'
import type { Statement } from '../../src/store/statement.ts'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

const WITHIN = { timeout: 15_000, interval: 10 }
const POISON = 'a committed change could not be told'

const EPOCH = 7

describe.each(DATABASES)('what another node committed, on %s', (kind) => {
  const tally = useTally(kind, {}, { expectedErrors: [POISON] })

  const run = (text: string, values: unknown[] = []) => tally().ctx.db.query({ name: '', text, values })

  /** As another node commits: nobody here hears of it. */
  async function commitElsewhere(from: UserId, roomId: RoomId, text: string): Promise<void> {
    const body = { text, type: 'regular' }
    const { ctx } = tally()
    const message = { ...body, kind: 'member' as const, id: ctx.newId() as MessageId, roomId, counted: true }
    const fingerprint = fingerprintOf({ ...body, replyTo: undefined })
    const send = { ...message, senderId: from, fingerprint, receivedAtMs: 0 }
    await commitGroup(ctx.db, { sends: [send], reads: [], wait: true })
    // Its time is not a while ago yet, however slow this test is.
    await run(`update outbox set node_id = 'other', created_at = clock_timestamp() + interval '1 minute'
      where done_at is null and node_id <> 'other'`)
  }

  /** A node like this one, whose frames are noted down and whose database fails when it is told to. */
  function watched(): { ctx: ActionContext; frames: Frame[]; fail: (statement: string | null) => void } {
    const { ctx } = tally()
    const frames: Frame[] = []
    let failing: string | null = null
    const query = <R>(statement: Statement): Promise<R[]> => {
      if (statement.name === failing) return Promise.reject(new RequestError('storage_unavailable'))
      return ctx.db.query<R>(statement)
    }
    const db: Database = new Proxy(ctx.db, {
      get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)),
    })
    const bus = {
      nodeId: ctx.bus.nodeId,
      send: (_: unknown, sent: readonly Frame[]) => void frames.push(...sent),
      onFrames: () => () => {},
      close: async () => {},
    }
    return { ctx: { ...ctx, db, bus }, frames, fail: (statement) => (failing = statement) }
  }

  const textsIn = (frames: readonly Frame[], roomId: RoomId) =>
    frames.flatMap((frame) =>
      frame.kind === 'message' && frame.roomId === roomId ? [frame.message.text] : [],
    )

  test('is told once, whenever it is looked for', async () => {
    const writer = somebody('writer')
    const roomId = await tally().room(writer, somebody('reader'))
    const { ctx, frames } = watched()
    const tail = new OutboxTail()
    await tail.run(ctx, EPOCH)
    await commitElsewhere(writer, roomId, 'one')
    await tail.run(ctx, EPOCH)
    await tail.run(ctx, EPOCH)
    await commitElsewhere(writer, roomId, 'two')
    await tail.run(ctx, EPOCH)
    expect(textsIn(frames, roomId)).toEqual(['one', 'two'])
    tail.rest()
    await tail.run(ctx, EPOCH)
    expect(textsIn(frames, roomId).sort()).toEqual(['one', 'one', 'two', 'two'])
  })

  test('is told again from a while ago once the database failed over: numbers of transactions come twice then', async () => {
    const writer = somebody('writer')
    const roomId = await tally().room(writer, somebody('reader'))
    const { ctx, frames } = watched()
    const tail = new OutboxTail()
    await tail.run(ctx, EPOCH)
    await commitElsewhere(writer, roomId, 'told')
    await tail.run(ctx, EPOCH)
    // As far as the old primary got, and under a number that belonged to another transaction there.
    await commitElsewhere(writer, roomId, 'of the new primary')
    await run(
      `update outbox set xact = (select min(xact) from outbox) where id = (select max(id) from outbox)`,
    )
    await tail.run(ctx, EPOCH)
    expect(textsIn(frames, roomId)).toEqual(['told'])
    await tail.run(ctx, EPOCH + 1)
    expect(textsIn(frames, roomId).slice(1).sort()).toEqual(['of the new primary', 'told'])
  })

  test('is told when the database can be asked again', async () => {
    const writer = somebody('writer')
    const roomId = await tally().room(writer, somebody('reader'))
    const { ctx, frames, fail } = watched()
    const tail = new OutboxTail()
    await commitElsewhere(writer, roomId, 'unheard')
    fail('read-present-state')
    await expect(tail.run(ctx, EPOCH)).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(textsIn(frames, roomId)).toEqual([])
    fail(null)
    await tail.run(ctx, EPOCH)
    expect(textsIn(frames, roomId)).toEqual(['unheard'])
  })

  test('is told beside a row that nobody can read', async () => {
    const writer = somebody('writer')
    const roomId = await tally().room(writer, somebody('reader'))
    const { ctx, frames } = watched()
    await run(`insert into outbox (node_id, payload, created_at)
      values ('other', '{"rooms": 1}', clock_timestamp() + interval '30 seconds')`)
    await commitElsewhere(writer, roomId, 'a neighbour')
    await new OutboxTail().run(ctx, EPOCH)
    expect(textsIn(frames, roomId)).toEqual(['a neighbour'])

    await run(`update outbox set created_at = clock_timestamp() - interval '1 minute' where done_at is null`)
    await expect.poll(() => redeliverUndone(ctx).then(undone), WITHIN).toEqual([{ payload: { rooms: 1 } }])
    await run('delete from outbox where done_at is null')
  })

  const undone = () => run('select payload from outbox where done_at is null')
})
