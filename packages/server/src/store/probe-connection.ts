import pg from 'pg'

/**
 * A connection of its own for one question: whether the database answers at all. Opened when that is asked for the
 * first time, and anew after it broke.
 */
export class ProbeConnection {
  readonly #config: pg.ClientConfig
  #client: pg.Client | undefined

  constructor(config: pg.ClientConfig) {
    this.#config = config
  }

  /** Takes as long as the database does. Fails when it is away. */
  async ask(): Promise<void> {
    try {
      const client = this.#client ?? (await this.#connect())
      await client.query('select 1')
    } catch (error) {
      this.drop()
      throw error
    }
  }

  /** What is asked fails, and the next question is asked on another connection. */
  drop(): void {
    const client = this.#client
    this.#client = undefined
    client?.end().catch(() => {})
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#config)
    this.#client = client
    // One that breaks is found out by the next question.
    client.on('error', () => {})
    await client.connect()
    return client
  }
}
