import type { User, UserId } from '@tally/protocol'
import { upsertUser as writeUser } from '../store/upsert-user.ts'
import type { ActionContext } from './context.ts'

/**
 * Makes a person known, or changes name, image and type, by the host's backend. What is absent stays; `null` takes it
 * away. A deleted account that is made known again begins anew.
 *
 * @throws RequestError `storage_unavailable`.
 */
export async function upsertUser(
  ctx: ActionContext,
  input: {
    userId: UserId
    name: string
    image?: string | null | undefined
    userType?: string | null | undefined
  },
): Promise<User> {
  const { userId, name, image, userType } = input
  const user = await writeUser(ctx.db, {
    userId,
    name,
    ...(image === undefined ? {} : { image }),
    ...(userType === undefined ? {} : { userType }),
  })
  ctx.bus.send('all', [{ kind: 'profile-changed', userId }])
  return user
}
