import { formatNamedRooms, type SyncAnswer } from '@tally/protocol'
import type { RegisterClient } from './register-client.ts'
import type { World } from './scenario-world.ts'

/** What a client of this person would ask for next over HTTP. The answer is not applied to it. */
export function askSync(world: World, name: string, { rev, named }: RegisterClient): Promise<SyncAnswer> {
  const query = new URLSearchParams()
  if (rev !== undefined) query.set('since', String(rev))
  if (named.length > 0) query.set('rooms', formatNamedRooms(named))
  return world.ask('GET', `/v1/sync?${query}`, { as: name })
}

/** Syncs until there is nothing more to tell. */
export async function catchUp(world: World, name: string, client: RegisterClient): Promise<void> {
  let before: string
  do {
    before = JSON.stringify([client.rev, client.named])
    client.answer(await askSync(world, name, client))
  } while (JSON.stringify([client.rev, client.named]) !== before)
}
