/** What can go wrong between a server and its clients, decided by one seed. */
export class SimulatedNetwork {
  readonly random: () => number
  /** Nothing comes through, and new connections fail. */
  isDown = false
  /** What becomes of new WebSockets; requests over HTTP pass whatever is said here. */
  sockets: 'pass' | 'refused' | 'unanswered' = 'pass'
  /** Frames get lost, come twice, or come late. */
  isFaulty = false
  /** So many frames get lost, and no others. */
  toLose = 0

  constructor(random: () => number) {
    this.random = random
  }

  latencyMs(): number {
    return Math.floor(this.random() * 40)
  }

  /** When the copies of a frame arrive, in ms beyond the usual; none when it is lost. */
  copies(): number[] {
    if (this.toLose > 0) {
      this.toLose--
      return []
    }
    if (!this.isFaulty) return [0]
    const chance = this.random()
    if (chance < 0.15) return []
    if (chance < 0.3) return [0, this.random() * 200]
    return chance < 0.5 ? [this.random() * 200] : [0]
  }
}
