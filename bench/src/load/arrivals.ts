import { setTimeout as delay } from 'node:timers/promises'

/** When each message reached whom, whichever way they heard of it: a row that counts it, the message, or by opening the room. */
export class Arrivals {
  readonly #members = new Map<string, readonly string[]>()
  /** By person and room: what they had seen when, places rising. */
  readonly #seen = new Map<string, { seq: number; atMs: number }[]>()
  #sent: { roomId: string; seq: number; senderId: string; intendedAtMs: number }[] = []

  addRoom(roomId: string, userIds: readonly string[]): void {
    this.#members.set(roomId, userIds)
  }

  sent(message: { roomId: string; seq: number; senderId: string; intendedAtMs: number }): void {
    this.#sent.push(message)
  }

  /** Somebody has everything of a room up to this place. */
  saw({ userId, roomId, seq }: { userId: string; roomId: string; seq: number }): void {
    const key = keyOf(userId, roomId)
    const seen = this.#seen.get(key)
    if (seen === undefined) this.#seen.set(key, [{ seq, atMs: performance.now() }])
    else if ((seen.at(-1)?.seq ?? 0) < seq) seen.push({ seq, atMs: performance.now() })
  }

  /** A new step begins: what was seen last stays known. */
  forget(): void {
    this.#sent = []
    for (const [key, seen] of this.#seen) this.#seen.set(key, seen.slice(-1))
  }

  /** One sample for each message and each other member whom it reached. */
  latenciesMs(): Float64Array {
    return Float64Array.from(
      this.#each().flatMap(({ atMs, intendedAtMs }) =>
        atMs === undefined ? [] : [Math.max(0, atMs - intendedAtMs)],
      ),
    )
  }

  /** How often a message has not reached somebody. */
  unseen(): number {
    return this.#each().filter(({ atMs }) => atMs === undefined).length
  }

  async settle(deadlineMs: number): Promise<void> {
    const endMs = performance.now() + deadlineMs
    while (this.unseen() > 0 && performance.now() < endMs) await delay(100)
  }

  #each(): { atMs: number | undefined; intendedAtMs: number }[] {
    return this.#sent.flatMap(({ roomId, seq, senderId, intendedAtMs }) =>
      (this.#members.get(roomId) ?? [])
        .filter((userId) => userId !== senderId)
        .map((userId) => {
          const atMs = this.#seen.get(keyOf(userId, roomId))?.find((seen) => seen.seq >= seq)?.atMs
          return { atMs, intendedAtMs }
        }),
    )
  }
}

const keyOf = (userId: string, roomId: string): string => `${userId}\n${roomId}`
