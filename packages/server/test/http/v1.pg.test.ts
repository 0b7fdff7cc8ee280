import { describe, expect, test } from 'vitest'
import { DATABASES, somebody, tokenOf } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

describe.each(DATABASES)('the native API, on %s', (kind) => {
  const tally = useTally(kind)

  const total = async (as: string) => (await tally().badge(as)).total
  const post = (as: string, path: string, body: object = {}) => tally().post(path, { as, body })

  async function pair() {
    const [kim, lee] = [somebody('kim'), somebody('lee')]
    return { kim, lee, roomId: await tally().room(kim, lee) }
  }

  describe('rooms', () => {
    test('a person makes a group and owns it', async () => {
      const [kim, lee] = [somebody('kim'), somebody('lee')]
      await tally().badge(lee)
      const body = { kind: 'group', memberIds: [lee], title: '채용팀', metadata: { team: 7 } }
      const made = await post(kim, '/v1/rooms', body)
      expect(made.status).toBe(201)
      expect(made.body).toMatchObject({
        kind: 'group',
        title: '채용팀',
        metadata: { team: 7 },
        seq: 0,
        lastMessage: null,
        me: { role: 'owner', unread: 0, muted: false, archived: false, readSeq: 0 },
      })
      expect(made.body.members.map(({ userId }: { userId: string }) => userId).sort()).toEqual(
        [kim, lee].sort(),
      )
      expect((await tally().get(`/v1/rooms/${made.body.id}`, { as: lee })).body.me.role).toBe('member')
    })

    test('the same key gives the same room; two people have one direct room', async () => {
      const [kim, lee, key] = [somebody('kim'), somebody('lee'), somebody('key')]
      const keyed = { kind: 'group', memberIds: [kim, lee], key }
      const one = await tally().post('/v1/rooms', { server: true, body: keyed })
      const two = await tally().post('/v1/rooms', { server: true, body: keyed })
      expect(two.body.id).toBe(one.body.id)
      expect(one.body.key).toBe(key)

      const direct = await post(kim, '/v1/rooms', { kind: 'direct', memberIds: [lee] })
      const other = await post(lee, '/v1/rooms', { kind: 'direct', memberIds: [kim] })
      expect(other.body.id).toBe(direct.body.id)
      expect(direct.body).not.toHaveProperty('key')
    })

    test("the host's backend sees nobody's side of it", async () => {
      const { roomId } = await pair()
      const seen = await tally().get(`/v1/rooms/${roomId}`, { server: true })
      expect(seen.body).toMatchObject({ id: roomId, memberCount: 2 })
      expect(seen.body).not.toHaveProperty('me')
    })

    test('lists page by page, the newest message first', async () => {
      const kim = somebody('kim')
      const rooms: string[] = []
      for (let i = 0; i < 5; i++) rooms.unshift(await tally().room(kim, somebody('lee')))
      const seen: string[] = []
      let cursor = ''
      for (let more = true; more; ) {
        const { items, next } = (await tally().get(`/v1/rooms?limit=2${cursor}`, { as: kim })).body
        seen.push(...items.map(({ id }: { id: string }) => id))
        cursor = `&cursor=${next}`
        more = next !== null
      }
      expect(seen).toEqual(rooms)
    })

    test('owners rename and delete, members do not', async () => {
      const [kim, lee] = [somebody('kim'), somebody('lee')]
      await tally().badge(lee)
      const { id } = (await post(kim, '/v1/rooms', { kind: 'group', memberIds: [lee] })).body
      const rename = (as: string) =>
        tally().ask('PATCH', `/v1/rooms/${id}`, { as, body: { title: 'renamed' } })
      expect(await rename(lee)).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
      expect(await rename(kim)).toMatchObject({
        status: 200,
        body: { title: 'renamed', me: { role: 'owner' } },
      })
      await tally().send(lee, id, 'hello')
      expect(await total(kim)).toBe(1)
      expect((await tally().ask('DELETE', `/v1/rooms/${id}`, { as: lee })).status).toBe(403)
      expect((await tally().ask('DELETE', `/v1/rooms/${id}`, { as: kim })).body).toEqual({ ok: true })
      expect(await total(kim)).toBe(0)
      expect((await tally().get(`/v1/rooms/${id}`, { as: kim })).status).toBe(404)
    })
  })

  describe('members', () => {
    test('join, are listed, leave and are removed', async () => {
      const { kim, lee, roomId } = await pair()
      const park = somebody('park')
      await tally().badge(park)
      const path = `/v1/rooms/${roomId}/members`
      expect((await post(lee, path, { userIds: [park] })).status).toBe(403)
      expect((await post(kim, path, { userIds: [park], role: 'admin' })).body).toEqual({ ok: true })
      const { items } = (await tally().get(path, { as: park })).body
      expect(items).toHaveLength(3)
      expect(items).toContainEqual(expect.objectContaining({ userId: park, role: 'admin', left: false }))
      expect((await tally().ask('DELETE', `${path}/${lee}`, { as: park })).status).toBe(200)
      expect((await tally().get(path, { as: lee })).status).toBe(404)
      expect((await tally().ask('DELETE', `${path}/me`, { as: park })).status).toBe(200)
      expect((await tally().get(path, { as: park })).status).toBe(404)
      expect((await tally().get(path, { server: true })).body.items).toHaveLength(3)
      expect((await tally().ask('DELETE', `${path}/me`, { server: true })).status).toBe(400)
    })
  })

  describe('messages', () => {
    test('are answered as stored, and the same clientId is the same message', async () => {
      const { kim, lee, roomId } = await pair()
      const path = `/v1/rooms/${roomId}/messages`
      const first = await post(kim, path, { text: ' hello ', clientId: 'c1' })
      expect(first.status).toBe(201)
      expect(first.body).toEqual({
        id: expect.any(String),
        roomId,
        seq: 1,
        change: expect.any(Number),
        senderId: kim,
        type: 'regular',
        text: 'hello',
        createdAt: expect.stringMatching(/\.\d{6}Z$/),
        clientId: 'c1',
        reactions: [],
        attachments: [],
      })
      expect((await post(kim, path, { text: ' hello ', clientId: 'c1' })).body).toEqual(first.body)
      expect(await post(kim, path, { text: 'other', clientId: 'c1' })).toMatchObject({
        status: 409,
        body: { error: { code: 'client_id_conflict', retry: 'never' } },
      })
      // Another person's clientId is nobody else's.
      expect((await post(lee, path, { text: 'mine', clientId: 'c1' })).body.seq).toBe(2)
      expect((await tally().get(`${path}/1`, { as: lee })).body).not.toHaveProperty('clientId')
    })

    test('100 parallel sends with one clientId are one message', async () => {
      const { kim, lee, roomId } = await pair()
      const body = { text: 'once', clientId: 'c1' }
      const sent = await Promise.all(
        Array.from({ length: 100 }, () => post(kim, `/v1/rooms/${roomId}/messages`, body)),
      )
      expect(new Set(sent.map((answer) => answer.body.id)).size).toBe(1)
      expect(await total(lee)).toBe(1)
      expect((await tally().send(kim, roomId, 'next')).seq).toBe(2)
    })

    test('pages around a place, oldest first', async () => {
      const { kim, lee, roomId } = await pair()
      for (let i = 1; i <= 7; i++) await tally().send(kim, roomId, `m${i}`)
      const page = async (query: string) => {
        const { body } = await tally().get(`/v1/rooms/${roomId}/messages?${query}`, { as: lee })
        return {
          seqs: body.items.map(({ seq }: { seq: number }) => seq),
          before: body.hasBefore,
          after: body.hasAfter,
        }
      }
      expect(await page('limit=3')).toEqual({ seqs: [5, 6, 7], before: true, after: false })
      expect(await page('limit=3&before=5')).toEqual({ seqs: [2, 3, 4], before: true, after: true })
      expect(await page('limit=3&before=2')).toEqual({ seqs: [1], before: false, after: true })
      expect(await page('limit=3&after=4')).toEqual({ seqs: [5, 6, 7], before: true, after: false })
      expect(await page('limit=2&after=0')).toEqual({ seqs: [1, 2], before: false, after: true })
      expect((await tally().get(`/v1/rooms/${roomId}/messages?before=1&after=1`, { as: lee })).status).toBe(
        400,
      )
    })

    test('are edited and deleted by whom they are of; reactions by all', async () => {
      const { kim, lee, roomId } = await pair()
      await tally().send(kim, roomId, 'helo')
      const path = `/v1/rooms/${roomId}/messages/1`
      expect((await tally().ask('PATCH', path, { as: lee, body: { text: 'mine' } })).status).toBe(403)
      const edited = await tally().ask('PATCH', path, { as: kim, body: { text: 'hello' } })
      expect(edited.body).toMatchObject({ text: 'hello', editedAt: expect.any(String) })

      const reacted = await post(lee, `/v1/rooms/${roomId}/reactions`, { seq: 1, emoji: '👍', on: true })
      expect(reacted.body.reactions).toEqual([{ emoji: '👍', userIds: [lee] }])
      expect((await tally().ask('DELETE', path, { as: lee })).status).toBe(403)
      expect(await total(lee)).toBe(1)
      const deleted = await tally().ask('DELETE', path, { as: kim })
      expect(deleted.body).toMatchObject({ seq: 1, text: '', deletedAt: expect.any(String), reactions: [] })
      expect(await total(lee)).toBe(0)
      expect((await tally().ask('DELETE', path, { server: true })).status).toBe(200)
      expect((await tally().get(`/v1/rooms/${roomId}/messages/99`, { as: lee })).body.error.code).toBe(
        'message_not_found',
      )
    })

    test('a system message is from nobody and counts for nobody', async () => {
      const { kim, roomId } = await pair()
      const body = { text: '면접이 확정되었습니다', type: 'interview' }
      const sent = await tally().post(`/v1/rooms/${roomId}/system-messages`, { server: true, body })
      expect(sent).toMatchObject({ status: 201, body: { senderId: null, type: 'interview', seq: 1 } })
      expect(await total(kim)).toBe(0)
    })
  })

  describe('reading', () => {
    test('to a message, to the head, and unread again', async () => {
      const { kim, lee, roomId } = await pair()
      for (let i = 1; i <= 3; i++) await tally().send(kim, roomId, `m${i}`)
      const read = (body: object) => post(lee, `/v1/rooms/${roomId}/read`, body)
      expect((await read({ upToSeq: 2 })).body).toEqual({ roomId, readSeq: 2, readEpoch: 0, unread: 1 })
      expect(await total(lee)).toBe(1)
      expect((await tally().post(`/v1/rooms/${roomId}/read`, { as: lee })).body.unread).toBe(0)
      const unread = await post(lee, `/v1/rooms/${roomId}/unread`, { fromSeq: 2 })
      expect(unread.body).toEqual({ roomId, readSeq: 1, readEpoch: 1, unread: 2 })
      // In flight since before the mark.
      expect((await read({ upToSeq: 3, readEpoch: 0 })).body).toMatchObject({ readSeq: 1, unread: 2 })
      expect(await total(lee)).toBe(2)
    })

    test('mute, unmute, archive', async () => {
      const { kim, lee, roomId } = await pair()
      const set = (what: string, body: object) => post(lee, `/v1/rooms/${roomId}/${what}`, body)
      await tally().send(kim, roomId, 'one')
      expect((await set('mute', { muted: true })).body).toEqual({ ok: true })
      await tally().send(kim, roomId, 'two')
      expect(await total(lee)).toBe(0)
      await set('mute', { muted: false })
      expect(await total(lee)).toBe(2)
      await set('archive', { archived: true })
      expect(await total(lee)).toBe(0)
      await tally().send(kim, roomId, 'three')
      expect(await total(lee)).toBe(3)
    })

    test('all of it at once', async () => {
      const lee = somebody('lee')
      for (let i = 0; i < 3; i++) {
        const kim = somebody('kim')
        await tally().send(kim, await tally().room(kim, lee), 'hello')
      }
      expect(await total(lee)).toBe(3)
      expect((await tally().post('/v1/read-all', { as: lee })).body).toEqual({ ok: true })
      expect(await total(lee)).toBe(0)
    })

    test('the badge explains itself, to its owner and to the backend', async () => {
      const { kim, lee, roomId } = await pair()
      await tally().send(kim, roomId, 'one')
      const explained = await tally().get('/v1/badge/explain', { as: lee })
      expect(explained.body).toMatchObject({
        userId: lee,
        verdict: 'exact',
        badge: { total: 1 },
        rooms: [{ roomId, tally: 1, settled: 0, unread: 1, recount: 1, shown: 1, verdict: 'exact' }],
      })
      const asked = await tally().get(`/v1/badge/explain?userId=${lee}`, { server: true })
      expect(asked.body).toMatchObject({ userId: lee, verdict: 'exact' })
      expect((await tally().get(`/v1/badge/explain?userId=${lee}`, { as: kim })).status).toBe(403)
      expect((await tally().get('/v1/badge/explain', { server: true })).status).toBe(400)
      expect((await tally().get('/v1/badge/explain?userId=nobody', { server: true })).status).toBe(404)
    })
  })

  describe('people', () => {
    test('are made known by the backend, and changed', async () => {
      const userId = somebody('kim')
      const put = (body: object) => tally().ask('PUT', `/v1/users/${userId}`, { server: true, body })
      const image = '/faces/kim.png'
      expect((await put({ name: 'Kim', image, userType: 'user' })).body).toEqual({
        id: userId,
        name: 'Kim',
        image,
        userType: 'user',
      })
      expect((await put({ name: 'Kim Minsu', image: null })).body).toEqual({
        id: userId,
        name: 'Kim Minsu',
        image: null,
        userType: 'user',
      })
      expect((await put({ name: 'Kim', image: 'javascript:alert(1)' })).status).toBe(400)
    })

    test('block and unblock each other', async () => {
      const { kim, lee, roomId } = await pair()
      await tally().badge(lee)
      await tally().get('/v1/badge', { token: await tokenOf(kim, { name: 'Kim' }) })
      await tally().send(kim, roomId, 'before')
      const block = (blocked: boolean) =>
        tally().ask('PUT', '/v1/blocks', { as: lee, body: { userId: kim, blocked } })
      expect((await block(true)).body).toEqual({ ok: true })
      expect(await total(lee)).toBe(0)
      const { items } = (await tally().get('/v1/blocks', { as: lee })).body
      expect(items).toEqual([{ userId: kim, name: 'Kim', blockedAt: expect.any(String) }])
      await block(false)
      expect(await total(lee)).toBe(1)
      expect((await tally().get('/v1/blocks', { as: lee })).body.items).toEqual([])
    })
  })

  test('notifications: created, counted, listed, read', async () => {
    const kim = somebody('kim')
    await tally().badge(kim)
    const entry = { userIds: [kim], type: 'offer', title: '제안', content: '내용', link: '/offers/1' }
    for (let i = 0; i < 3; i++) {
      const made = await tally().post('/v1/notifications', { server: true, body: entry })
      expect(made).toMatchObject({ status: 201, body: { created: 1 } })
    }
    expect(await tally().badge(kim)).toMatchObject({ total: 0, notifications: 3 })
    const { items } = (await tally().get('/v1/notifications?limit=2', { as: kim })).body
    expect(items).toHaveLength(2)
    expect(items[0]).toMatchObject({
      type: 'offer',
      title: '제안',
      content: '내용',
      link: '/offers/1',
      readAt: null,
    })
    const read = await post(kim, '/v1/notifications/read', { ids: [items[0].id, items[0].id, 'unknown'] })
    expect(read.body).toEqual({ read: 1 })
    expect((await tally().badge(kim)).notifications).toBe(2)
    expect((await tally().get('/v1/notifications?unread=true', { as: kim })).body.items).toHaveLength(2)
    expect((await post(kim, '/v1/notifications/read', { all: true })).body).toEqual({ read: 2 })
    expect((await tally().badge(kim)).notifications).toBe(0)
    const script = { ...entry, link: 'javascript:alert(1)' }
    expect((await tally().post('/v1/notifications', { server: true, body: script })).status).toBe(400)
  })

  test('typing takes membership and is answered at once', async () => {
    const { kim, roomId } = await pair()
    expect((await post(kim, `/v1/rooms/${roomId}/typing`, { typing: true })).body).toEqual({ ok: true })
  })
})
