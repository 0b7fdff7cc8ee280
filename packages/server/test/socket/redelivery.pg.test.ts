import type { MessageId, RoomId, UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import { redeliverUndone } from '../../src/actions/redeliver-undone.ts'
import { commitGroup } from '../../src/store/commit-group.ts'
import { fingerprintOf } from '../../src/store/fingerprint.ts'
import { readOutboxAgeMs } from '../../src/store/read-outbox-age.ts'
import { readUpTo } from '../../src/store/read-up-to.ts'
import { removeMember } from '../../src/store/remove-member.ts'
import { DATABASES } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

const WITHIN = { timeout: 15_000 }

describe.each(DATABASES)('what was committed and told nobody, on %s', (kind) => {
  const tally = useTally(kind)

  /** Commits as a node does whose connection breaks just when the answer is due: the message is there, nobody heard. */
  async function commitUnheard(from: string, roomId: RoomId, text: string): Promise<void> {
    const body = { text, type: 'regular', replyTo: undefined }
    const { ctx } = tally()
    const message = { ...body, kind: 'member' as const, id: ctx.newId() as MessageId, roomId, counted: true }
    const send = { ...message, senderId: from as UserId, fingerprint: fingerprintOf(body), receivedAtMs: 0 }
    const { replyTo: _, ...item } = send
    const { sends } = await commitGroup(ctx.db, { sends: [item], reads: [], wait: true })
    expect(sends).toMatchObject([{ outcome: 'new' }])
  }

  const again = () => redeliverUndone(tally().ctx, { undoneForMs: 0 })

  test('a message reaches the room and the badges once, however often it is told', async () => {
    const [writer, inside, outside] = await Promise.all(['w', 'x', 'y'].map((name) => tally().signIn(name)))
    const roomId = await tally().room('w', 'x', 'y')
    await inside!.call('join-room', { roomId })
    await writer!.call('send-message', { roomId, message: 'heard' })
    await outside!.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)

    await commitUnheard('w', roomId, 'unheard')
    await again()
    await inside!.next('new-message', ({ message }) => message === 'unheard')
    await outside!.next(
      'chat-room-updated',
      (row) => row.last_message === 'unheard' && row.unread_count === 2,
    )
    await outside!.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 2)
    await again()
    await writer!.call('send-message', { roomId, message: 'later' })
    await inside!.next('new-message', ({ message }) => message === 'later')
    expect(inside!.all('new-message').map(({ message }) => message)).toEqual(['heard', 'unheard', 'later'])
  })

  test('a reading clears the badge of every device, a removal ends the room on them', async () => {
    const reader = await tally().signIn('a')
    const writer = await tally().signIn('b')
    const roomId = await tally().room('b', 'a')
    await writer.call('send-message', { roomId, message: 'hello' })
    await reader.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 1)
    const { db } = tally().ctx
    await readUpTo(db, { userId: 'a' as UserId, roomId, upToSeq: 1 })
    await again()
    await reader.next('total-unread-count-updated', ({ totalUnreadCount }) => totalUnreadCount === 0)

    await reader.call('join-room', { roomId })
    await removeMember(db, { actorId: null, roomId, userId: 'a' as UserId })
    await again()
    await writer.call('send-message', { roomId, message: 'among us' })
    await reader.settled()
    expect(reader.all('new-message')).toEqual([])
    expect(await reader.refused('send-message', { roomId, message: '?' })).toMatchObject({
      code: 'room_not_found',
    })
  })

  test('what a dead node left undone is told and done by another', async () => {
    const { db } = tally().ctx
    const reader = await tally().signIn('e')
    const roomId = await tally().room('e', 'f')
    await commitUnheard('f', roomId, 'unheard')
    const orphan = `update outbox set node_id = 'dead' where done_at is null`
    await db.query({ name: '', text: orphan, values: [] })
    await expect.poll(() => reader.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN).toBe(1)
    await expect.poll(() => readOutboxAgeMs(db), WITHIN).toBe(0)
  })

  test('it is told again without anybody asking, and is done then', async () => {
    const reader = await tally().signIn('c')
    const roomId = await tally().room('c', 'd')
    await commitUnheard('d', roomId, 'unheard')
    await expect.poll(() => reader.all('total-unread-count-updated').at(-1)?.totalUnreadCount, WITHIN).toBe(1)
    await expect.poll(() => readOutboxAgeMs(tally().ctx.db), WITHIN).toBe(0)
  })
})
