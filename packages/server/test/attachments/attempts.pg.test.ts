import { randomUUID } from 'node:crypto'
import { type AttachmentId, type ClientId, RequestError, type UserId } from '@tally/protocol'
import { describe, expect, test } from 'vitest'
import type { ActionContext } from '../../src/actions/context.ts'
import { sendMessage } from '../../src/actions/send-message.ts'
import { tidyAttachments } from '../../src/actions/tidy-attachments.ts'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'
import { FileClient, picture } from './file-client.ts'

const refusal = (code: string) => expect.objectContaining({ name: 'RequestError', code })

describe.each(DATABASES)('several attempts to send one file, on %s', (kind) => {
  const tally = useTally(kind)

  async function uploaded() {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    const roomId = await tally().room(lee, kim)
    const [sender, reader] = [new FileClient(tally(), kim), new FileClient(tally(), lee)]
    const id = await sender.upload(roomId, picture())
    const message = {
      roomId,
      text: 'look',
      clientId: randomUUID() as ClientId,
      attachments: [id as AttachmentId],
    }
    const attempt = (ctx: ActionContext) => sendMessage(ctx, { userId: kim as UserId }, message)
    const asServer = (method: string, path: string, body?: object) =>
      tally().request(method, `/v1/rooms/${roomId}/members${path}`, body === undefined ? {} : { body })
    const leave = () => asServer('DELETE', `/${kim}`)
    const comeBack = () => asServer('POST', '', { userIds: [kim] })
    return { sender, reader, roomId, id, attempt, leave, comeBack }
  }

  /** An attempt that has claimed its files, and sends its message when it is let go. */
  async function held(attempt: (ctx: ActionContext) => Promise<unknown>) {
    const [claimed, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const sent = attempt(
      sendingBy((send) => {
        claimed.resolve()
        return gate.promise.then(send)
      }),
    )
    // Whoever asks for the outcome later is told of it then.
    sent.catch(() => {})
    await claimed.promise
    return () => {
      gate.resolve()
      return sent
    }
  }

  type Send = ActionContext['groups']['send']

  function sendingBy(way: (send: () => ReturnType<Send>) => ReturnType<Send>): ActionContext {
    const { ctx } = tally()
    const send: Send = (item) => way(() => ctx.groups.send(item))
    return { ...ctx, groups: { send } as ActionContext['groups'] }
  }

  function makeOlder(id: string, by = '25 hours') {
    const text = `update attachments set updated_at = updated_at - $2::interval where id = $1`
    return tally().ctx.db.query({ name: '', text, values: [id, by] })
  }

  const lost = () => sendingBy(() => Promise.reject(new RequestError('storage_unavailable')))

  test.each([
    ['the first', 0],
    ['the second', 1],
  ])('%s of two is refused: the message of the other has its file', async (_, refused) => {
    const { sender, reader, roomId, id, attempt, leave, comeBack } = await uploaded()
    const attempts = [await held(attempt), await held(attempt)]
    await leave()
    await expect(attempts[refused]?.()).rejects.toEqual(refusal('room_not_found'))
    await comeBack()
    expect(await attempts[1 - refused]?.()).toMatchObject({ data: { attachments: [{ id }] } })

    expect((await reader.content(id)).status).toBe(200)
    expect(await sender.send(roomId, [id])).toMatchObject({
      status: 409,
      body: { error: { code: 'attachment_in_use' } },
    })
    await makeOlder(id)
    await tidyAttachments(tally().ctx)
    expect((await reader.content(id)).status).toBe(200)
  })

  test('an attempt after more than a day keeps its file from being tidied away', async () => {
    const { reader, id, attempt } = await uploaded()
    await expect(attempt(lost())).rejects.toEqual(refusal('storage_unavailable'))
    await makeOlder(id)
    const again = await held(attempt)
    await tidyAttachments(tally().ctx)
    expect(await again()).toMatchObject({ data: { attachments: [{ id }] } })
    expect((await reader.content(id)).status).toBe(200)
  })

  test('what an attempt has claimed that was not sent goes with another message once it is over for long', async () => {
    const { sender, roomId, id, attempt } = await uploaded()
    await expect(attempt(lost())).rejects.toEqual(refusal('storage_unavailable'))
    expect((await sender.send(roomId, [id])).status).toBe(409)
    await makeOlder(id, '11 minutes')
    expect(await sender.send(roomId, [id])).toMatchObject({ body: { attachments: [{ id }] } })
    // What was sent stays with its message, however long ago.
    await makeOlder(id, '11 minutes')
    expect((await sender.send(roomId, [id])).status).toBe(409)
  })
})
