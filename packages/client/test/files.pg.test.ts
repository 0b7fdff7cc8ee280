import type { RoomId } from '@tally/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { deleteMyAccount, exportMyData } from '../src/account.ts'
import { readAttachment, type UploadProgress, uploadFile } from '../src/files.ts'
import { reportMessage, reportPerson } from '../src/reports.ts'
import { search } from '../src/search.ts'
import type { Tally } from '../src/tally.ts'
import { TestServer } from './test-server.ts'
import { until } from './until.ts'

/** More than two parts; a text, because its kind can be told from its bytes. */
const LONG_TEXT = 'Contract of employment. '.repeat(30_000)

let server: TestServer
beforeAll(async () => {
  server = await TestServer.start('postgres')
})
afterEach(() => server.endRound())
afterAll(() => server.remove())

const file = (name: string, text: string) => Object.assign(new Blob([text]), { name })

/** A network over which some parts never arrive, and the answers to others are lost. */
function lossyFetch(spoil: (part: number) => 'lost' | 'answer lost' | 'fine'): typeof fetch {
  let parts = 0
  return async (input, init) => {
    const fate = init?.method === 'PATCH' ? spoil(++parts) : 'fine'
    if (fate === 'lost') throw new TypeError('the network broke')
    const response = await fetch(input, init)
    if (fate === 'answer lost') throw new TypeError('the network broke')
    return response
  }
}

async function uploaded(tally: Tally, roomId: RoomId, name: string, text: string) {
  const upload = uploadFile(tally, { roomId, file: file(name, text), random: () => 0.01 })
  const seen: UploadProgress[] = []
  upload.progress.subscribe(() => seen.push(upload.progress.get()))
  await until(upload.progress, ({ state }) => state === 'ready' || state === 'failed')
  return { end: upload.progress.get(), seen }
}

describe('a file', () => {
  test('is sent in a message and read by the others of the room, over either transport', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([
      server.signIn('ann', { transport: 'polling' }),
      server.signIn('ben', { transport: 'websocket' }),
    ])
    ben.room(roomId).open()
    const { end } = await uploaded(ann, roomId, 'a/contract.txt', LONG_TEXT)
    if (end.state !== 'ready') throw new Error('it was not uploaded')
    ann.room(roomId).send('', { attachments: [end.attachment] })
    await until(ben.room(roomId).messages, ({ items }) => items[0]?.attachments?.length === 1)
    const [got] = ben.room(roomId).messages.get().items[0]?.attachments ?? []
    expect(got).toMatchObject({ name: 'a_contract.txt', type: 'text/plain', bytes: LONG_TEXT.length })
    const bytes = await readAttachment(ben, got!.id)
    expect(await bytes.text()).toBe(LONG_TEXT)
  })

  test('goes on where it stopped when parts, or the answers to them, are lost', async () => {
    const roomId = await server.room('ann')
    const fates = ['fine', 'lost', 'answer lost'] as const
    const ann = await server.signIn('ann', { fetch: lossyFetch((part) => fates[part - 1] ?? 'fine') })
    const { end, seen } = await uploaded(ann, roomId, 'contract.txt', LONG_TEXT)
    expect(end.state).toBe('ready')
    expect(seen.filter(({ state }) => state === 'waiting').length).toBe(2)
    // It never begins anew.
    const received = seen.map((step) => step.received)
    expect(received).toEqual(received.toSorted((a, b) => a - b))
    if (end.state !== 'ready') return
    expect(await (await readAttachment(ann, end.attachment.id)).text()).toBe(LONG_TEXT)
  })

  test('of a kind that is not taken fails, and says so', async () => {
    const roomId = await server.room('ann')
    const ann = await server.signIn('ann')
    const { end } = await uploaded(ann, roomId, 'picture.png', '\u0000\u0001 nothing known')
    expect(end).toMatchObject({ state: 'failed', error: { code: 'attachment_refused' } })
  })

  test('that waited in the outbox goes out with its message', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    const { end } = await uploaded(ann, roomId, 'short.txt', 'short')
    if (end.state !== 'ready') throw new Error('it was not uploaded')
    ann.setOnline(false)
    const pending = ann.room(roomId).send('see there', { attachments: [end.attachment] })
    expect(pending.attachments).toEqual([end.attachment])
    ann.setOnline(true)
    ben.room(roomId).open()
    await until(ben.room(roomId).messages, ({ items }) => items[0]?.attachments?.[0]?.name === 'short.txt')
  })
})

describe('beside the conversation', () => {
  test('a message is found by a part of a word, and reported with the person', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    ann.room(roomId).send('면접은 내일 오후 3시입니다')
    await expect
      .poll(async () => (await search(ben, { q: '면접', roomId })).items, { timeout: 15_000 })
      .toMatchObject([{ kind: 'message', roomId, seq: 1 }])
    const [found] = (await search(ben, { q: '오후' })).items
    if (found?.kind !== 'message') throw new Error('it was not found')
    await reportMessage(ben, { roomId, seq: found.seq, reason: 'spam', note: 'again and again' })
    await reportPerson(ben, { userId: server.id('ann'), reason: 'harassment' })
    await expect(reportPerson(ben, { userId: server.id('nobody'), reason: 'spam' })).rejects.toMatchObject({
      code: 'user_not_found',
    })
  })

  test('one takes one’s data along, and deletes the account: the session ends', async () => {
    const roomId = await server.room('ann', 'ben')
    const [ann, ben] = await Promise.all([server.signIn('ann'), server.signIn('ben')])
    ben.room(roomId).open()
    ann.room(roomId).send('remember me')
    await until(ben.room(roomId).messages, ({ items: [first] }) => first?.state === 'sent')
    const all = JSON.parse(await (await exportMyData(ann)).text())
    expect(all.messages).toMatchObject([{ text: 'remember me' }])
    await deleteMyAccount(ann)
    await until(ann.connection, ({ state }) => state === 'closed')
    expect(ann.connection.get().error?.code).toBe('account_deleted')
    const later = await server.signIn('ben')
    await until(
      later.rooms,
      ({ items }) => items[0]?.members.find(({ userId }) => userId === server.id('ann'))?.left === true,
    )
  })
})
