import type { ChatRoomUpdated, WireBadge } from '@tally/protocol'
import type { AppClient } from '../../test-support/app-client.ts'

type Row = { unread: number; counts: boolean; rev: number }

/**
 * A client that only listens: it holds the rows and the total it was told, and knows nothing else. At each total it
 * adds up the rows of that rev and notes down when they are not the total.
 */
export class ListeningClient {
  readonly rows = new Map<string, Row>()
  readonly violations: string[] = []
  /** Totals it was told. */
  totals = 0
  badge: WireBadge | undefined

  private constructor() {}

  /** Takes the present rooms from a sync, and listens from then on. Nothing may happen until it resolves. */
  static async on(device: AppClient): Promise<ListeningClient> {
    const client = new ListeningClient()
    device.socket.on('chat-room-updated', (row: ChatRoomUpdated) => client.#row(row))
    device.socket.on('total-unread-count-updated', (badge: WireBadge) => client.#total(badge))
    const answer = await device.call('sync', {})
    if (!answer.ok || answer.next !== null) throw new Error(`no sync: ${JSON.stringify(answer)}`)
    for (const room of answer.rooms) {
      if ('left' in room) continue
      const { unread, muted, archived } = room.me
      client.rows.set(room.id, { unread, counts: !muted && !archived, rev: answer.rev })
    }
    return client
  }

  /** What the rows add up to. */
  sum(): { total: number; unreadRooms: number } {
    const counting = [...this.rows.values()].filter(({ counts, unread }) => counts && unread > 0)
    return { total: counting.reduce((sum, { unread }) => sum + unread, 0), unreadRooms: counting.length }
  }

  #row({ roomId, unread_count: unread, rev, muted, archived, left }: ChatRoomUpdated): void {
    const known = this.rows.get(roomId)
    if (known !== undefined && rev < known.rev)
      this.violations.push(`${roomId}: a row of ${rev} after ${known.rev}`)
    if (this.badge !== undefined && rev < this.badge.rev) {
      this.violations.push(`${roomId}: a row of ${rev} after the total of ${this.badge.rev}`)
    }
    if (left === true) this.rows.delete(roomId)
    else this.rows.set(roomId, { unread, counts: muted !== true && archived !== true, rev })
  }

  #total(badge: WireBadge): void {
    const { totalUnreadCount: total, unreadRooms, rev } = badge
    if (this.badge !== undefined && rev < this.badge.rev) {
      this.violations.push(`a total of ${rev} after ${this.badge.rev}`)
    }
    this.badge = badge
    this.totals += 1
    const sum = this.sum()
    if (sum.total !== total || sum.unreadRooms !== unreadRooms) {
      this.violations.push(
        `at ${rev}: rows say ${JSON.stringify(sum)}, the total ${total} in ${unreadRooms} rooms`,
      )
    }
  }
}
