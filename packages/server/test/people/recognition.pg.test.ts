import type { Identity } from '@tally/protocol'
import { describe, expect, test, vi } from 'vitest'
import type { ActionContext } from '../../src/actions/context.ts'
import { deleteUser } from '../../src/actions/delete-user.ts'
import { createRecognition } from '../../src/actions/recognize-user.ts'
import type { SignIn } from '../../src/core/sign-in.ts'
import { holdStatements } from '../../test-support/held-database.ts'
import { DATABASES, somebody } from '../../test-support/host.ts'
import { useTally } from '../../test-support/test-tally.ts'

const MINUTE_MS = 60_000
const revoked = expect.objectContaining({ name: 'RequestError', code: 'session_revoked' })

describe.each(DATABASES)('what a token says, and what the host does meanwhile, on %s', (kind) => {
  const tally = useTally(kind)

  const profile = (userId: string) =>
    tally()
      .ctx.db.kysely.selectFrom('users')
      .select(['name', 'image', 'deleted_at as deletedAt'])
      .where('id', '=', userId as Identity['userId'])
      .executeTakeFirst()
  const put = (userId: string, name: string) =>
    tally().ask('PUT', `/v1/users/${userId}`, { server: true, body: { name } })

  function recognize(claimed: Identity, issuedAtMs: number, ctx: ActionContext = tally().ctx) {
    return createRecognition(ctx)(claimed, { issuedAtMs, signIn: 'a sign-in' as SignIn })
  }

  /** Looks who this is, and is about to write: `goOn` lets it. */
  async function lookedAt(claimed: Identity, issuedAtMs: number) {
    const { db, reached, open } = holdStatements(tally().ctx.db, (text) =>
      text.startsWith('insert into "users"'),
    )
    const recognized = recognize(claimed, issuedAtMs, { ...tally().ctx, db })
    // Awaited where the test goes on; until then a refusal is nobody's fault.
    recognized.catch(() => {})
    await reached
    return {
      goOn: () => {
        open()
        return recognized
      },
    }
  }

  test('an account that is removed between look and writing stays so: the token is refused', async () => {
    const userId = somebody('ann')
    await put(userId, 'Ann')
    const image = 'https://faces.example.com/ann.png'
    const late = await lookedAt({ userId, name: 'Ann', image }, Date.now() - MINUTE_MS)
    await deleteUser(tally().ctx, { userId })
    await expect(late.goOn()).rejects.toEqual(revoked)
    expect(await profile(userId)).toEqual({ name: null, image: null, deletedAt: expect.any(Date) })
  })

  test('an account that went and came back in between gets nothing of a token of the one before', async () => {
    const userId = somebody('ann')
    await put(userId, 'Ann')
    const image = 'https://faces.example.com/ann.png'
    const late = await lookedAt({ userId, name: 'Ann', image }, Date.now() - MINUTE_MS)
    await deleteUser(tally().ctx, { userId })
    await put(userId, 'Ann anew')
    await expect(late.goOn()).rejects.toEqual(revoked)
    expect(await profile(userId)).toEqual({ name: 'Ann anew', image: null, deletedAt: null })
  })

  test('what the host has set between look and writing stays; what nobody has said yet the token says', async () => {
    const userId = somebody('ann')
    await put(userId, 'Ann')
    const image = 'https://faces.example.com/ann.png'
    const issuedAtMs = Date.now() + 1
    const late = await lookedAt({ userId, name: 'Anna', image }, issuedAtMs)
    await vi.waitUntil(() => Date.now() > issuedAtMs)
    await put(userId, 'Ann Kim')
    expect(await late.goOn()).toMatchObject({ name: 'Ann Kim', image })
  })

  test('a token from before the end of a removal brings nobody back; one from after it does, and so does the host', async () => {
    const [ann, bob] = [somebody('ann'), somebody('bob')]
    for (const userId of [ann, bob]) {
      await put(userId, 'before')
      await deleteUser(tally().ctx, { userId })
      await tally().ctx.db.query({
        name: '',
        text: `update users set deleted_at = removed_at - interval '1 hour' where id = $1`,
        values: [userId],
      })
      await tally().ctx.db.query({
        name: '',
        text: `update revoked_sessions set before = before - interval '1 hour' where user_id = $1`,
        values: [userId],
      })
      await expect(recognize({ userId, name: 'during' }, Date.now() - MINUTE_MS)).rejects.toEqual(revoked)
    }
    expect(await recognize({ userId: ann, name: 'after' }, Date.now() + MINUTE_MS)).toMatchObject({
      name: 'after',
    })
    expect((await put(bob, 'after')).body).toMatchObject({ name: 'after' })
    for (const userId of [ann, bob]) {
      expect(await profile(userId)).toMatchObject({ name: 'after', deletedAt: null })
    }
  })
})
