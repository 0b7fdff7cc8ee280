import type { MessageId, UserId } from '@tally/protocol'
import { expect, test } from 'vitest'
import { OutboxTail } from '../../src/actions/tail-outbox.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Frame } from '../../src/bus/frames.ts'
import { commitGroup } from '../../src/store/commit-group.ts'
import { fingerprintOf } from '../../src/store/fingerprint.ts'
import { somebody } from '../../test-support/host.ts'
import { useNodes } from '../../test-support/several-nodes.ts'

const nodes = useNodes(2)

test('what a node without Redis commits reaches people on every node with Redis, whichever of those reads it first', async () => {
  const [first, second] = [nodes()[0]!, nodes()[1]!]
  const [writer, reader] = [somebody('writer') as UserId, somebody('reader') as UserId]
  const roomId = await first.room(writer, reader)
  await second.signIn(reader)

  const { ctx } = first
  const body = { text: 'from outside', type: 'regular' }
  const message = { ...body, kind: 'member' as const, id: ctx.newId() as MessageId, roomId, counted: true }
  const fingerprint = fingerprintOf({ ...body, replyTo: undefined })
  const send = { ...message, senderId: writer, fingerprint, receivedAtMs: 0 }
  const { committed } = await commitGroup(ctx.db, { sends: [send], reads: [], wait: true })
  // Its time is not a while ago yet, however slow this test is: nobody else takes it over.
  const text = `update outbox set node_id = 'without-redis', created_at = clock_timestamp() + interval '1 minute'
    where id = $1`
  await ctx.db.query({ name: '', text, values: [committed.outboxId] })

  const sent: { to: readonly string[] | 'all'; frame: Frame }[] = []
  const bus: Bus = {
    nodeId: ctx.bus.nodeId,
    send: (to, frames) => void sent.push(...frames.map((frame) => ({ to, frame }))),
    onFrames: () => () => {},
    close: async () => {},
  }
  await new OutboxTail().run({ ...ctx, bus }, 0)
  const told = (kind: Frame['kind']) => sent.filter(({ frame }) => frame.kind === kind).map(({ to }) => to)
  // The ledger tells a change once; the room's devices are told by each node for itself.
  expect(told('user')).toEqual([[second.ctx.bus.nodeId]])
  expect(told('message')).toEqual([[ctx.bus.nodeId]])
})
