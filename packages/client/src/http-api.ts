import { endpointUrl, RequestError, requestErrorFrom } from '@tally/protocol'
import type { AnswerOf, RequestOf, Route } from './routes.ts'
import type { TokenSource } from './token-source.ts'

const TIMEOUT_MS = 15_000

export type HttpApiOptions = {
  /** Where the server is; absent: where the page came from. */
  url?: string | undefined
  fetch: typeof fetch
  tokens: TokenSource
}

type HttpCallOptions = Pick<HttpRequest, 'headers' | 'timeoutMs' | 'signal'>

/** A request of one's own: what `fetch` takes, and how long its answer may take to begin (15 s unless given). */
export type HttpRequest = {
  method?: string
  headers?: Readonly<Record<string, string>> | undefined
  body?: string | Blob | Uint8Array<ArrayBuffer>
  timeoutMs?: number
  signal?: AbortSignal | undefined
}

/** An answer that is no refusal. `unmoved` (304): what the caller named is what there is. */
export type HttpAnswer<T> = { header: (name: string) => string | null } & (
  | { kind: 'answer'; body: T }
  | { kind: 'unmoved' }
)

type AnyRequest = {
  params?: Record<string, string | number>
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
}

/** Typed calls of the HTTP API. */
export class HttpApi {
  readonly #base: string
  readonly #fetch: typeof fetch
  readonly #tokens: TokenSource

  constructor({ url, fetch, tokens }: HttpApiOptions) {
    this.#base = (url ?? '').replace(/\/+$/, '')
    this.#fetch = fetch
    this.#tokens = tokens
  }

  /**
   * Calls an endpoint of `v1`. A token that is refused is replaced once.
   * @throws RequestError: the server's refusal; `unavailable` or `timeout` when nobody knows whether it took effect.
   */
  async call<R extends Route>(route: R, request: RequestOf<R>): Promise<AnswerOf<R>> {
    const answer = await this.exchange(route, request)
    if (answer.kind === 'answer') return answer.body
    throw new RequestError('unavailable')
  }

  /** The same, for a caller to whom headers matter. */
  exchange<R extends Route>(
    route: R,
    request: RequestOf<R>,
    { headers, ...limits }: HttpCallOptions = {},
  ): Promise<HttpAnswer<AnswerOf<R>>> {
    const [method = '', path = ''] = route.split(' ')
    const { body, ...place }: AnyRequest = request
    const json =
      body === undefined
        ? { headers }
        : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
    return this.#ask(endpointUrl({ path }, place), { method, ...json, ...limits }, async (response) => {
      const header = (name: string): string | null => response.headers.get(name)
      if (response.status === 304) return { kind: 'unmoved', header }
      return { kind: 'answer', header, body: (await response.json()) as AnswerOf<R> }
    })
  }

  /**
   * Any request of the HTTP API, for what this client has no call of its own for.
   * @param path below the server's address, with its query.
   * @throws RequestError: the server's refusal; `unavailable` or `timeout` when nobody knows whether it took effect.
   */
  fetch(path: string, request: HttpRequest = {}): Promise<Response> {
    return this.#ask(path, request, async (response) => response)
  }

  async #ask<T>(
    path: string,
    { timeoutMs = TIMEOUT_MS, signal, ...init }: HttpRequest,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    // What lies beyond the first name cannot be another host's.
    if (!/^\/\w/.test(path)) throw new RequestError('invalid_request')
    const { era } = this.#tokens
    const attempt = async (fresh: boolean): Promise<T> => {
      const headers = { ...init.headers, authorization: `Bearer ${await this.#tokens.get({ fresh })}` }
      return this.#within({ timeoutMs, signal }, async (abort) => {
        const response = await this.#fetch(this.#base + path, { ...init, headers, signal: abort })
        if (response.ok || response.status === 304) return read(response)
        // A proxy's error page is no JSON.
        const body = (await response.json().catch(() => undefined)) as { error?: unknown } | undefined
        throw requestErrorFrom(body?.error)
      })
    }
    return attempt(false).catch((error: unknown) => {
      const isRefused = error instanceof RequestError && error.retry === 'after_auth'
      // A token of now may be somebody else's.
      if (isRefused && era === this.#tokens.era) return attempt(true)
      throw error
    })
  }

  /** `AbortSignal.timeout` and `AbortSignal.any` are missing in React Native. */
  async #within<T>(
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController()
    const giveUp = (): void => abort.abort()
    const timer = setTimeout(giveUp, timeoutMs)
    signal?.addEventListener('abort', giveUp)
    if (signal?.aborted === true) giveUp()
    try {
      return await work(abort.signal)
    } catch (cause) {
      if (cause instanceof RequestError) throw cause
      throw new RequestError(abort.signal.aborted ? 'timeout' : 'unavailable', { cause })
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
  }
}
