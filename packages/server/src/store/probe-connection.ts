import pg from 'pg'

type Opened = { readonly client: pg.Client; readonly ready: Promise<unknown> }

/**
 * A connection of its own for one question: whether the database answers at all. Opened when that is asked for the
 * first time, and anew after it broke.
 */
export class ProbeConnection {
  readonly #config: pg.ClientConfig
  #opened: Opened | undefined

  constructor(config: pg.ClientConfig) {
    this.#config = config
  }

  /** Takes as long as the database does. Fails when it is away. */
  async ask(): Promise<void> {
    this.#opened ??= this.#open()
    const opened = this.#opened
    try {
      await opened.ready
      await opened.client.query('select 1')
    } catch (error) {
      // One that was given up may fail long after: another question is asked elsewhere by then.
      if (this.#opened === opened) this.drop()
      throw error
    }
  }

  /** What is asked fails, and the next question is asked on another connection. */
  drop(): void {
    const opened = this.#opened
    this.#opened = undefined
    opened?.client.end().catch(() => {})
  }

  #open(): Opened {
    const client = new pg.Client(this.#config)
    // One that breaks is found out by the next question.
    client.on('error', () => {})
    return { client, ready: client.connect() }
  }
}
