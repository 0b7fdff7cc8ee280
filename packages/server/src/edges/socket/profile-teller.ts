import type { UserId } from '@tally/protocol'
import { newProfiles } from '../../actions/new-profiles.ts'
import { encodeFrame } from './packet.ts'
import type { SocketServices } from './socket-services.ts'

/** So many people's rooms are looked through by one statement. */
const MOST_AT_ONCE = 50

/**
 * Tells the devices here that somebody has another name, image or type: those of people who are in a room with them. One
 * look at the database at a time, for all who changed meanwhile, so that an older name is never told after a newer one.
 */
export class ProfileTeller {
  readonly #services: Pick<SocketServices, 'ctx' | 'people'>
  readonly #waiting = new Set<UserId>()
  #isTelling = false

  constructor(services: Pick<SocketServices, 'ctx' | 'people'>) {
    this.#services = services
  }

  changed(userId: UserId): void {
    this.#waiting.add(userId)
    if (!this.#isTelling) void this.#tellAll()
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true
    while (this.#waiting.size > 0) {
      const userIds = [...this.#waiting].slice(0, MOST_AT_ONCE)
      for (const userId of userIds) this.#waiting.delete(userId)
      await this.#tell(userIds)
    }
    this.#isTelling = false
  }

  async #tell(userIds: readonly UserId[]): Promise<void> {
    const { ctx, people } = this.#services
    try {
      for (const { viewerIds, ...profile } of await newProfiles(ctx, userIds)) {
        const devices = viewerIds.flatMap((viewerId) => people.of(viewerId))
        const packet = encodeFrame('profile-changed', profile)
        for (const { connection, isReady } of devices) if (isReady) connection.write(packet)
      }
    } catch (error) {
      ctx.log.warn({ err: error }, 'new names are seen where a room is opened, and not before')
    }
  }
}
