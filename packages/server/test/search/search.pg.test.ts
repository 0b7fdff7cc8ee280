import type { RoomId, SearchQuery } from '@tally/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { addMembers } from '../../src/actions/add-members.ts'
import { blockUser } from '../../src/actions/block-user.ts'
import type { Caller } from '../../src/actions/context.ts'
import { deleteMessage } from '../../src/actions/delete-message.ts'
import { deleteRoom } from '../../src/actions/delete-room.ts'
import { editMessage } from '../../src/actions/edit-message.ts'
import { SearchIndexer } from '../../src/actions/index-messages.ts'
import { purgeRoom } from '../../src/actions/purge-old-messages.ts'
import { removeMember } from '../../src/actions/remove-member.ts'
import { search } from '../../src/actions/search.ts'
import { unblockUser } from '../../src/actions/unblock-user.ts'
import { updateRoom } from '../../src/actions/update-room.ts'
import { noteIndexed } from '../../src/store/index-messages.ts'
import type { Database } from '../../src/store/open-database.ts'
import type { RunStatement } from '../../src/store/statement.ts'
import { DATABASES } from '../../test-support/host.ts'
import { refusal, stranger, useRooms } from '../rooms/rooms-world.ts'

const MANY = { TALLY_SEARCHES_PER_SECOND: '100000', TALLY_SEARCH_BURST: '100000' }

const AS_THE_TESTS = { text: "select set_config('application_name', 'the tests', true)", values: [] }

const claimForGood = (who: string) => ({
  name: '',
  text: "update search_progress set node_id = $1, claimed_until = 'infinity'",
  values: [who],
})

describe.each(DATABASES)('search, on %s', (kind) => {
  const world = useRooms(kind, MANY)

  // The node's own worker is kept from it: what a step does is told apart only where nobody does any beside it.
  beforeAll(() => world().ctx.db.query(claimForGood('the tests')))

  /** One step of what the worker does by and by, done now by whoever has the claim; `before` each of its statements. */
  function step(indexer: SearchIndexer, before = async (_name: string) => {}): Promise<boolean> {
    const { ctx } = world()
    const query: RunStatement = async (statement) => {
      await before(statement.name)
      return ctx.db.transaction(async (transaction) => {
        await transaction.query(AS_THE_TESTS)
        return transaction.query(statement)
      })
    }
    return indexer.run({ ...ctx, db: { query } as Database }, 0)
  }

  async function index(indexer = new SearchIndexer()): Promise<void> {
    while (await step(indexer));
  }

  const find = (caller: Caller, q: string, more: Partial<SearchQuery> = {}) =>
    search(world().ctx, caller, { q, in: 'messages', limit: 20, ...more })

  async function texts(caller: Caller, q: string, more: Partial<SearchQuery> = {}): Promise<string[]> {
    const { items } = await find(caller, q, more)
    return items.map((item) => (item.kind === 'message' ? item.excerpt : item.kind))
  }

  async function pair() {
    const [kim, lee] = [await world().person('kim'), await world().person('lee')]
    return { kim, lee, roomId: await world().group(kim, lee) }
  }

  async function said(...what: string[]) {
    const people = await pair()
    for (const text of what) await world().send(people.kim, people.roomId, text)
    await index()
    return people
  }

  test('Korean words of two syllables, of one, and parts of words are found', async () => {
    const { lee } = await said('안녕하세요, 면접 일정입니다', '밥 먹었어요?', '이력서를 보냈습니다')
    expect(await texts(lee, '면접')).toEqual(['안녕하세요, 면접 일정입니다'])
    expect(await texts(lee, '녕하')).toEqual(['안녕하세요, 면접 일정입니다'])
    expect(await texts(lee, '밥')).toEqual(['밥 먹었어요?'])
    expect(await texts(lee, '력서')).toEqual(['이력서를 보냈습니다'])
    expect(await texts(lee, '습니다')).toEqual(['이력서를 보냈습니다'])
    expect(await texts(lee, '일정 면접')).toHaveLength(1)
    expect(await texts(lee, '면정')).toEqual([])
  })

  test('parts of words of other scripts, whatever their case', async () => {
    const { lee } = await said('Interview on THURSDAY', '東京で面接', 'user@example.com', 'C++ or C#')
    expect(await texts(lee, 'hurs')).toEqual(['Interview on THURSDAY'])
    expect(await texts(lee, '面接')).toEqual(['東京で面接'])
    expect(await texts(lee, '@EXAMPLE')).toEqual(['user@example.com'])
    expect(await texts(lee, 'c++')).toEqual(['C++ or C#'])
  })

  test('the newest first, page by page, each once', async () => {
    const { kim, lee, roomId } = await pair()
    for (let i = 0; i < 7; i += 1) await world().send(kim, roomId, `offer ${i}`)
    await index()
    const seen: number[] = []
    let cursor: SearchQuery['cursor']
    do {
      const page = await find(lee, 'offer', { limit: 3, ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...page.items.map((item) => (item.kind === 'message' ? item.seq : Number.NaN)))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1])
  })

  test('says where it stands, and nothing is markup', async () => {
    const { lee } = await said('<b onclick=alert(1)>needle</b>')
    const { items } = await find(lee, 'needle')
    expect(items).toMatchObject([
      { excerpt: '<b onclick=alert(1)>needle</b>', matches: [{ start: 20, end: 26 }] },
    ])
  })

  test('an edited message is found by its new text alone', async () => {
    const { kim, lee, roomId } = await said('draft wording')
    await editMessage(world().ctx, kim, { roomId, seq: 1, text: 'final words' })
    expect(await texts(lee, 'wording')).toEqual([])
    await index()
    expect(await texts(lee, 'draft')).toEqual([])
    expect(await texts(lee, 'final')).toEqual(['final words'])
  })

  test('a deleted message and a purged one are found no more, at once', async () => {
    const { kim, lee, roomId } = await said('secret one', 'secret two', 'secret three')
    await deleteMessage(world().ctx, kim, { roomId, seq: 1 })
    expect(await texts(lee, 'secret')).toEqual(['secret three', 'secret two'])
    await purgeRoom(world().ctx, { roomId, beforeSeq: 3 })
    expect(await texts(lee, 'secret')).toEqual(['secret three'])
    await index()
    const left = await world().ctx.db.query({
      name: 'left-in-index',
      text: 'select seq from message_search where room_id = $1',
      values: [roomId],
    })
    expect(left).toEqual([{ seq: 3 }])
  })

  test('a node that was about to write when another took over brings back no word of what was deleted since', async () => {
    const { kim, roomId } = await said('one')
    const { seq } = await world().send(kim, roomId, 'confidential')
    const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const late = step(new SearchIndexer(), async (name) => {
      if (name !== 'write-index-entries') return
      reached.resolve()
      await gate.promise
    })
    await reached.promise
    await deleteMessage(world().ctx, kim, { roomId, seq })
    await index()
    await world().ctx.db.query(claimForGood('another'))
    gate.resolve()
    expect(await late).toBe(false)
    await world().ctx.db.query(claimForGood('the tests'))
    await index()
    const indexed = await world().ctx.db.query<{ seq: number }>({
      name: '',
      text: 'select s.seq from message_search s where s.room_id = $1',
      values: [roomId],
    })
    expect(indexed.map((entry) => entry.seq)).toEqual([1])
  })

  test('who leaves finds nothing of the room any more; who joins finds its history', async () => {
    const { kim, lee, roomId } = await said('history of the room')
    const park = await world().person('park')
    expect(await texts(park, 'history')).toEqual([])
    await addMembers(world().ctx, kim, { roomId, userIds: [park.userId], role: 'member' })
    expect(await texts(park, 'history')).toHaveLength(1)
    await removeMember(world().ctx, lee, { roomId, userId: lee.userId })
    expect(await texts(lee, 'history')).toEqual([])
    await deleteRoom(world().ctx, kim, { roomId })
    expect(await texts(kim, 'history')).toEqual([])
  })

  test('what a blocked person said is not found, until unblocked', async () => {
    const { kim, lee } = await said('spam spam')
    await blockUser(world().ctx, lee, kim)
    expect(await texts(lee, 'spam')).toEqual([])
    expect(await texts(kim, 'spam')).toHaveLength(1)
    await unblockUser(world().ctx, lee, kim)
    expect(await texts(lee, 'spam')).toHaveLength(1)
  })

  test('a stranger finds nothing, and a room they are not in is a room that does not exist', async () => {
    const { kim, roomId } = await said('between us')
    expect(await texts(stranger, 'between')).toEqual([])
    const there = find(stranger, 'between', { roomId })
    await expect(there).rejects.toMatchObject(refusal('room_not_found'))
    const nowhere = find(stranger, 'between', { roomId: 'no-such-room' as RoomId })
    await expect(nowhere).rejects.toMatchObject(refusal('room_not_found'))
    expect(await texts(kim, 'between', { roomId })).toHaveLength(1)
    const elsewhere = await world().group(kim)
    expect(await texts(kim, 'between', { roomId: elsewhere })).toEqual([])
  })

  test("nobody finds what is in somebody's notifications", async () => {
    const { kim } = await said('hello')
    const rows = await world().ctx.db.query({
      name: 'feeds-in-index',
      text: `select from message_search s join rooms r on r.id = s.room_id where r.kind = 'feed'`,
      values: [],
    })
    expect(rows).toEqual([])
    expect(await texts(kim, 'hello')).toHaveLength(1)
  })

  test.each(['%', '_', '*', '.', '\\', "'", '&', '(', 'a'])('%s alone is too little', async (q) => {
    const { kim } = await pair()
    await expect(find(kim, q)).rejects.toMatchObject(refusal('invalid_request'))
  })

  test.each([
    '100%_',
    "it's \\o/",
    '((a+)+)+$',
    '(.*a){25}',
    ":* & | ! <-> ''",
    'a:*&b',
    "') or true --",
    '\u202Egnirts',
    '🙂🙃',
  ])('%s means itself and nothing else', async (q) => {
    const { lee } = await said(`before ${q} after`, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! something else entirely')
    expect(await texts(lee, q)).toEqual([`before ${q} after`])
  })

  test('a cursor of another search, or of somebody else, is refused', async () => {
    const { kim, lee, roomId } = await said('offer', 'offer')
    const { next } = await find(lee, 'offer', { limit: 1 })
    for (const elsewhere of [
      () => find(lee, 'other', { cursor: next! }),
      () => find(kim, 'offer', { cursor: next! }),
      () => find(lee, 'offer', { cursor: next!, roomId }),
      () => find(lee, 'offer', { cursor: `${next}x` as never }),
    ]) {
      await expect(elsewhere()).rejects.toMatchObject(refusal('invalid_cursor'))
    }
  })

  test('rooms are found by title, and those of two by the name of the other', async () => {
    const { kim, roomId } = await pair()
    const park = await world().person('박지성')
    const direct = await world().direct(kim, park)
    await updateRoom(world().ctx, kim, { roomId, title: '채용 Team' })
    const rooms = async (q: string) =>
      (await find(kim, q, { in: 'rooms' })).items.map((item) => (item.kind === 'room' ? item.room.id : ''))
    expect(await rooms('용')).toEqual([roomId])
    expect(await rooms('team')).toEqual([roomId])
    expect(await rooms('지성')).toEqual([direct])
    expect(await rooms('%')).toEqual([])
    expect((await find(park, '채용', { in: 'rooms' })).items).toEqual([])
  })

  test('people are found by name among those one shares a room with', async () => {
    const { kim, lee } = await pair()
    const outsider = await world().person('leeward')
    const names = async (caller: Caller, q: string) =>
      (await find(caller, q, { in: 'people' })).items.map((item) =>
        item.kind === 'person' ? item.user.id : '',
      )
    expect(await names(kim, 'LE')).toEqual([lee.userId])
    expect(await names(lee, 'lee')).toEqual([])
    expect(await names(outsider, 'kim')).toEqual([])
  })

  test('what was just said is there after one step, and after two beside a room that is far behind', async () => {
    const [busy, quiet] = [await said(), await said()]
    const indexer = new SearchIndexer()
    await world().send(quiet.kim, quiet.roomId, 'breakfast')
    await step(indexer)
    expect(await texts(quiet.lee, 'breakfast')).toEqual(['breakfast'])

    const many = Array.from({ length: 350 }, (_, index) => `number ${index}`)
    await Promise.all(many.map((text) => world().send(busy.kim, busy.roomId, text)))
    await world().send(quiet.kim, quiet.roomId, 'supper')
    const other = new SearchIndexer()
    for (const _ of [1, 2]) await step(other)
    expect(await texts(quiet.lee, 'supper')).toEqual(['supper'])
    await index(other)
    expect((await find(busy.lee, 'number', { limit: 50 })).items).toHaveLength(50)
    expect(await texts(busy.lee, 'number 349')).toEqual(['number 349'])
  })

  test('whoever noted most keeps it, unless the database is an older one since', async () => {
    const { db } = world().ctx
    const note = async (upTo: string) => {
      await noteIndexed(db, upTo)
      const read = { name: '', text: 'select told from search_progress', values: [] }
      return (await db.query<{ told: string }>(read))[0]?.told
    }
    const [row] = await db.query<{ now: string }>({
      name: '',
      text: 'select pg_snapshot_xmax(pg_current_snapshot())::text as now',
      values: [],
    })
    const now = Number(row?.now)
    expect(await note(`${now}:${now}:`)).toBe(`${now}:${now}:`)
    expect(await note(`${now - 1}:${now - 1}:`)).toBe(`${now}:${now}:`)

    const later = `${now + 1_000_000}:${now + 1_000_000}:`
    expect(await note(later)).toBe(later)
    expect(await note(`${now}:${now}:`)).toBe(`${now}:${now}:`)
  })

  test('is bounded per person', async () => {
    const { ctx } = world()
    const kim = await world().person('kim')
    const rateLimits = {
      ...ctx.rateLimits,
      searches: { take: () => ({ ok: false, retryAfterMs: 7 }) } as never,
    }
    const asked = search({ ...ctx, rateLimits }, kim, { q: 'ab', in: 'messages', limit: 20 })
    await expect(asked).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 7 })
  })
})
