import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tidyAttachments } from '../../src/actions/tidy-attachments.ts'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { startS3Server } from '../../test-support/s3-server.ts'
import { startTally, type TestTally } from '../../test-support/test-tally.ts'
import { FileClient, picture } from './file-client.ts'

const PART = 262_144

const PLACES = [
  ['pglite', 'disk'],
  ['postgres', 'disk'],
  ['postgres', 'S3'],
] as const

describe.each(PLACES)('files in messages, on %s and %s', (kind, place) => {
  let tally: TestTally
  let folder: string
  let closeFiles: () => Promise<void> = async () => {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-files-'))
    const env: Record<string, string> = { TALLY_FILES_DIR: folder, TALLY_ATTACHMENT_BYTES: '1000000' }
    if (place === 'S3') {
      const server = await startS3Server()
      closeFiles = server.stop
      env.TALLY_S3_URL = server.url
      env.TALLY_S3_ACCESS_KEY_ID = server.accessKeyId
      env.TALLY_S3_SECRET_ACCESS_KEY = server.secretAccessKey
    }
    tally = await startTally(kind, { env })
  })

  afterAll(async () => {
    tally.closeClients()
    await tally.stop()
    await closeFiles()
    expect(await readdir(folder, { recursive: true })).toEqual(place === 'S3' ? [] : expect.any(Array))
    await rm(folder, { recursive: true })
    expect(tally.errors).toEqual([])
  })

  async function room() {
    const [kim, lee, park] = [somebody('kim'), somebody('lee'), somebody('park')]
    const roomId = await tally.room(kim, lee)
    await tally.badge(park)
    const client = (userId: string) => new FileClient(tally, userId)
    return { kim: client(kim), lee: client(lee), park: client(park), roomId }
  }

  test('a file of several parts comes as it was sent, to those in the room', async () => {
    const { kim, lee, park, roomId } = await room()
    const file = picture({ width: 640, height: 480, bytes: 2 * PART + 1_000 })
    const id = await kim.upload(roomId, file, '면접 사진.png')
    const sent = await kim.send(roomId, [id], { text: '사진입니다' })
    expect(sent.status).toBe(201)
    const attachment = {
      id,
      name: '면접 사진.png',
      type: 'image/png',
      bytes: file.length,
      width: 640,
      height: 480,
    }
    expect(sent.body).toMatchObject({ text: '사진입니다', attachments: [attachment] })

    const { items } = (await tally.get(`/v1/rooms/${roomId}/messages`, { as: lee.userId })).body
    expect(items[0].attachments).toEqual([attachment])
    const got = await lee.content(id)
    expect(got.status).toBe(200)
    expect(Buffer.from(got.bytes).equals(file)).toBe(true)
    expect((await park.content(id)).status).toBe(404)
    expect((await tally.get(`/v1/attachments/${id}/content`)).status).toBe(401)
  })

  test('an upload that was interrupted goes on where it was', async () => {
    const { kim, roomId } = await room()
    const file = picture({ bytes: PART + 10 })
    const { id, partBytes } = (await kim.begin(roomId, file.length)).body
    expect(partBytes).toBe(PART)
    expect((await kim.part(id, 0, file.slice(0, PART))).body).toMatchObject({ received: PART, ready: false })
    // The answer got lost: the same part again says where to go on, and stores nothing twice.
    const again = await kim.part(id, 0, file.slice(0, PART))
    expect(again).toMatchObject({
      status: 409,
      body: { error: { code: 'offset_conflict', details: { received: PART } } },
    })
    expect((await kim.state(id)).body).toMatchObject({ received: PART, type: 'image/png' })
    expect((await kim.part(id, PART, file.slice(PART))).body).toMatchObject({ ready: true, width: 3 })
    expect(Buffer.from((await kim.content(id)).bytes).equals(file)).toBe(true)
  })

  test('one part sent ten times at once is stored once', async () => {
    const { kim, roomId } = await room()
    const file = picture()
    const { id } = (await kim.begin(roomId, file.length)).body
    const answers = await Promise.all(Array.from({ length: 10 }, () => kim.part(id, 0, file)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)])
    expect(Buffer.from((await kim.content(id)).bytes).equals(file)).toBe(true)
  })

  test.each([
    ['bytes=0-9', 206, 0, 10],
    [`bytes=${PART - 5}-${PART + 4}`, 206, PART - 5, PART + 5],
    [`bytes=${PART}-`, 206, PART, PART + 100],
    ['bytes=-7', 206, PART + 93, PART + 100],
    ['bytes=5-99999999', 206, 5, PART + 100],
    ['bytes=9-5', 200, 0, PART + 100],
    ['bytes=0-1,4-5', 200, 0, PART + 100],
    ['lines=1-2', 200, 0, PART + 100],
  ])('%s is answered with %d', async (range, status, start, end) => {
    const { kim, roomId } = await room()
    const file = picture({ bytes: PART + 100 })
    const id = await kim.upload(roomId, file)
    const got = await kim.content(id, { range })
    expect(got.status).toBe(status)
    expect(Buffer.from(got.bytes).equals(file.slice(start, end))).toBe(true)
    if (status === 206) {
      expect(got.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${file.length}`)
    }
  })

  test.each(['bytes=10-', 'bytes=-0', 'bytes=99-100'])(
    '%s is beyond ten bytes, and says so',
    async (range) => {
      const { kim, roomId } = await room()
      const id = await kim.upload(roomId, new Uint8Array(Buffer.from('ten bytes!')), 'ten.txt')
      const got = await kim.content(id, { range })
      expect(got.status).toBe(416)
      expect(got.headers.get('content-range')).toBe('bytes */10')
      expect(JSON.parse(Buffer.from(got.bytes).toString())).toMatchObject({
        error: { code: 'invalid_request' },
      })
    },
  )

  test('a message of files alone is called what they are called', async () => {
    const { kim, roomId } = await room()
    const ids = [await kim.upload(roomId, picture(), 'a.png'), await kim.upload(roomId, picture(), 'b.png')]
    const { body } = await kim.send(roomId, ids)
    expect(body.text).toBe('a.png, b.png')
    expect(body.attachments.map(({ name }: { name: string }) => name)).toEqual(['a.png', 'b.png'])
    expect(await kim.send(roomId, [])).toMatchObject({
      status: 400,
      body: { error: { code: 'message_empty' } },
    })
  })

  test('a message with files sent twice is one message; its files go with no other', async () => {
    const { kim, roomId } = await room()
    const id = await kim.upload(roomId, picture())
    const clientId = randomUUID()
    const both = await Promise.all([1, 2].map(() => kim.send(roomId, [id], { clientId })))
    expect(new Set(both.map(({ body }) => body.id)).size).toBe(1)
    const later = await kim.send(roomId, [id], { clientId })
    expect(later.body).toMatchObject({ id: both[0]?.body.id, attachments: [{ id }] })
    expect(await kim.send(roomId, [id])).toMatchObject({
      status: 409,
      body: { error: { code: 'attachment_in_use' } },
    })
    const other = await kim.send(roomId, [id], { clientId, text: 'something else' })
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'client_id_conflict' } } })
    const without = { as: kim.userId, body: { text: 'x', attachments: [id] } }
    expect((await tally.post(`/v1/rooms/${roomId}/messages`, without)).status).toBe(400)
  })

  test('files of a message that was refused may go with another', async () => {
    const { kim, roomId } = await room()
    const id = await kim.upload(roomId, picture())
    const refused = await kim.send(roomId, [id], { replyTo: 99 })
    expect(refused).toMatchObject({ status: 404, body: { error: { code: 'message_not_found' } } })
    expect((await kim.send(roomId, [id])).status).toBe(201)
  })

  test("somebody else's files, half files and those of another room cannot be sent", async () => {
    const { kim, lee, roomId } = await room()
    const elsewhere = await tally.room(kim.userId)
    const lees = await lee.upload(roomId, picture())
    const half = (await kim.begin(roomId, 1_000)).body.id
    const there = await kim.upload(elsewhere, picture())
    for (const id of [lees, half, there, randomUUID()]) {
      const answer = await kim.send(roomId, [id])
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'attachment_not_found' } } })
    }
    expect((await kim.content(lees)).status).toBe(404)
    expect((await kim.state(lees)).status).toBe(404)
    expect((await kim.part(lees, 0, picture())).status).toBe(404)
    expect((await tally.ask('DELETE', `/v1/attachments/${lees}`, { as: kim.userId })).status).toBe(404)
  })

  test('who leaves the room gets its files no more', async () => {
    const { kim, lee, roomId } = await room()
    const id = await kim.upload(roomId, picture())
    await kim.send(roomId, [id])
    expect((await lee.content(id)).status).toBe(200)
    await tally.ask('DELETE', `/v1/rooms/${roomId}/members/me`, { as: lee.userId })
    expect((await lee.content(id)).status).toBe(404)
  })

  test('files go with their message, bytes and all', async () => {
    const { kim, lee, roomId } = await room()
    const id = await kim.upload(roomId, picture())
    const { seq } = (await kim.send(roomId, [id])).body
    const [{ parts }] = await rows<{ parts: string[] }>(id)
    expect(await tally.ctx.files.get(parts[0] ?? '')).toBeDefined()
    await tally.ask('DELETE', `/v1/rooms/${roomId}/messages/${seq}`, { as: kim.userId })
    expect((await lee.content(id)).status).toBe(404)
    expect((await kim.content(id)).status).toBe(404)
    await tidyAttachments(tally.ctx)
    expect(await tally.ctx.files.get(parts[0] ?? '')).toBeUndefined()
    expect(await rows(id)).toEqual([])
  })

  test('what is in no message after a day goes; what is in one stays', async () => {
    const { kim, lee, roomId } = await room()
    const [unsent, young, sent] = [
      await kim.upload(roomId, picture()),
      await kim.upload(roomId, picture()),
      await kim.upload(roomId, picture()),
    ]
    const half = (await kim.begin(roomId, 500)).body.id
    await kim.send(roomId, [sent])
    await tally.ctx.db.query({
      name: '',
      text: `update attachments set updated_at = updated_at - interval '25 hours' where id = any($1::text[])`,
      values: [[unsent, sent, half]],
    })
    await tidyAttachments(tally.ctx)
    expect((await kim.content(unsent)).status).toBe(404)
    expect((await kim.state(half)).status).toBe(404)
    expect((await kim.content(young)).status).toBe(200)
    expect((await lee.content(sent)).status).toBe(200)
  })

  test('an upload can be given up, unless it was sent', async () => {
    const { kim, roomId } = await room()
    const [one, two] = [await kim.upload(roomId, picture()), await kim.upload(roomId, picture())]
    const giveUp = (id: string) => tally.ask('DELETE', `/v1/attachments/${id}`, { as: kim.userId })
    expect((await giveUp(one)).body).toEqual({ ok: true })
    expect((await kim.content(one)).status).toBe(404)
    await kim.send(roomId, [two])
    expect(await giveUp(two)).toMatchObject({ status: 409, body: { error: { code: 'attachment_in_use' } } })
  })

  test.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'x.svg'],
    ['HTML', '<!doctype html><script>alert(1)</script>', 'x.html'],
    ['HTML that is called a picture', '<html><body onload=alert(1)>', 'x.png'],
    ['text as Windows writes it', Buffer.from('\ufeff<script>안녕</script>', 'utf16le'), 'x.txt'],
  ])('%s is text that is saved, and runs nowhere', async (_, text, name) => {
    const { kim, roomId } = await room()
    const id = await kim.upload(roomId, new Uint8Array(Buffer.from(text)), name)
    const { headers } = await kim.content(id)
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-disposition')).toBe(`attachment; filename=${name}`)
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  })

  test.each([
    [
      'an SVG that says it is XML',
      Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
    ],
    ['a program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200, 1)])],
    ['a shell script of bytes', Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.from([0, 1, 2])])],
    ['bytes that are nothing', Buffer.alloc(300, 0x9c)],
    ['a picture of 4,000,000,000 pixels', Buffer.from(picture({ width: 65_000, height: 65_000 }))],
  ])('%s is refused with its first part', async (_, bytes) => {
    const { kim, roomId } = await room()
    const { id } = (await kim.begin(roomId, bytes.length, 'photo.png')).body
    const answer = await kim.part(id, 0, new Uint8Array(bytes))
    expect(answer).toMatchObject({ status: 415, body: { error: { code: 'attachment_refused' } } })
    expect((await kim.state(id)).body).toMatchObject({ received: 0 })
  })

  test('a name cannot break out of its header', async () => {
    const { kim, roomId } = await room()
    const id = await kim.upload(roomId, picture(), 'a";filename=evil.html;x="\u202Egnp.png')
    const disposition = (await kim.content(id)).headers.get('content-disposition')
    expect(disposition).toMatch(/^inline; filename="a\\";filename=evil.html;x=\\"/)
  })

  test.each([
    ['a name with a folder', { name: '../../etc/passwd', bytes: 1 }, 400],
    ['a name with a line break', { name: 'a\r\nSet-Cookie: x', bytes: 1 }, 400],
    ['no bytes', { name: 'a', bytes: 0 }, 400],
    ['fewer than none', { name: 'a', bytes: -1 }, 400],
    ['half a byte', { name: 'a', bytes: 1.5 }, 400],
    ['2^53 bytes', { name: 'a', bytes: 2 ** 53 }, 400],
    ['one byte too many', { name: 'a', bytes: 1_000_001 }, 413],
  ])('%s cannot be announced', async (_, body, status) => {
    const { kim, roomId } = await room()
    expect((await tally.post('/v1/attachments', { as: kim.userId, body: { roomId, ...body } })).status).toBe(
      status,
    )
  })

  test("nothing is uploaded into a stranger's room, or one that does not exist", async () => {
    const { park, roomId } = await room()
    const there = await park.begin(roomId, 10)
    const nowhere = await park.begin('no-such-room', 10)
    expect(there).toMatchObject({ status: 404, body: { error: { code: 'room_not_found' } } })
    expect(nowhere.body).toEqual(there.body)
  })

  test('parts of another size, at another place and of another kind are refused', async () => {
    const { kim, roomId } = await room()
    const { id } = (await kim.begin(roomId, PART + 5)).body
    const file = picture({ bytes: PART + 5 })
    expect((await kim.part(id, 0, file.slice(0, 10))).status).toBe(400)
    expect((await kim.part(id, 0, file)).status).toBe(413)
    expect((await kim.part(id, 5, file.slice(0, PART))).status).toBe(409)
    expect((await kim.part(id, -1, file.slice(0, PART))).status).toBe(400)
    expect((await kim.part(id, 0, file.slice(0, PART), 'text/html')).status).toBe(415)
    expect((await kim.part('not-an-id', 0, file.slice(0, PART))).status).toBe(404)
    expect((await kim.state(id)).body.received).toBe(0)
  })

  test('bytes are taken nowhere else', async () => {
    const { kim, roomId } = await room()
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await tally.post(`/v1/rooms/${roomId}/messages`, { as: kim.userId, headers, body: 'x' })
    expect(answer).toMatchObject({ status: 415, body: { error: { code: 'unsupported_media_type' } } })
  })

  test('files that are never sent are bounded per person', async () => {
    const { kim, roomId } = await room()
    const answers = await Promise.all(Array.from({ length: 60 }, () => kim.begin(roomId, 10)))
    const refused = answers.filter(({ status }) => status !== 201)
    expect(refused).toHaveLength(10)
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: 409, body: { error: { code: 'limit_exceeded' } } })
    }
  })

  test('a socket sends and hears of files, too', async () => {
    const { kim, lee, roomId } = await room()
    const id = await kim.upload(roomId, picture())
    const [sender, hearer] = [await tally.signIn(kim.userId), await tally.signIn(lee.userId)]
    hearer.emit('join-room', { roomId })
    await hearer.next('joined-room')
    sender.emit('send-message', { roomId, message: 'look', clientId: randomUUID(), attachments: [id] })
    expect(await hearer.next('new-message')).toMatchObject({
      message: 'look',
      attachments: [{ id, width: 3 }],
    })
  })

  async function rows<R>(id: string): Promise<[R, ...R[]]> {
    return (await tally.ctx.db.query({
      name: '',
      text: 'select parts from attachments where id = $1',
      values: [id],
    })) as [R, ...R[]]
  }
})

test('both databases are looked at', () => {
  expect(new Set(PLACES.map(([kind]) => kind))).toEqual(new Set(DATABASES))
})
