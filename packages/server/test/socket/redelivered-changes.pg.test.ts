import type { UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { redeliverUndone } from '../../src/actions/redeliver-undone.ts'
import { deleteMessage } from '../../src/store/delete-message.ts'
import { editMessage } from '../../src/store/edit-message.ts'
import { react } from '../../src/store/react.ts'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('changes of messages that were committed and told nobody, on %s', (kind) => {
  const tally = useTally(kind)

  test('an edit, a reaction taken back and a deletion reach those who have the room open', async () => {
    const [writer, reader]: UserId[] = [somebody('writer'), somebody('reader')]
    const roomId = await tally().room(writer!, reader!)
    for (const text of ['one', 'two', 'three', 'four']) await tally().send(writer!, roomId, text)
    const { ctx } = tally()
    const { db, limits } = ctx
    const thumb = { userId: writer!, roomId, seq: 2, emoji: '👍', limits }
    await react(db, { ...thumb, on: true })
    await redeliverUndone(ctx, { undoneForMs: 0 })
    const inside = await tally().signIn(reader!)
    await inside.call('join-room', { roomId })

    // As a node commits whose connection breaks just when the answer is due.
    await editMessage(db, { userId: writer!, roomId, seq: 1, text: 'changed' })
    await react(db, { ...thumb, on: false })
    await deleteMessage(db, { userId: writer!, roomId, seq: 3 })
    await redeliverUndone(ctx, { undoneForMs: 0 })

    await inside.next('message-updated', ({ seq, message }) => seq === 1 && message === 'changed')
    await inside.next('message-updated', ({ seq, reactions }) => seq === 2 && reactions?.length === 0)
    await inside.next('message-deleted', ({ seq }) => seq === 3)
    expect(inside.all('new-message')).toEqual([])
  })
})
