import { endpointUrl, RequestError, requestErrorFrom } from '@tally/protocol'
import { type AnswerOf, type EndpointName, endpoints, type RequestOf } from './endpoints.ts'
import type { TokenSource } from './token-source.ts'

const TIMEOUT_MS = 15_000

export type HttpApiOptions = {
  /** Where the server is; absent: where the page came from. */
  url?: string | undefined
  fetch: typeof fetch
  tokens: TokenSource
}

export type HttpCallOptions = {
  headers?: Readonly<Record<string, string>>
  /** How long an answer may take; 15 s unless given. */
  timeoutMs?: number
  /** Gives the request up. */
  signal?: AbortSignal | undefined
}

/** A request of one's own: what `fetch` takes, and how long its answer may take to begin (15 s unless given). */
export type HttpRequest = {
  method?: string
  headers?: Readonly<Record<string, string>>
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
  async call<N extends EndpointName>(name: N, request: RequestOf<N>): Promise<AnswerOf<N>> {
    const answer = await this.exchange(name, request)
    if (answer.kind === 'answer') return answer.body
    throw new RequestError('unavailable', { message: 'The answer was not understood.' })
  }

  /** The same, for a caller to whom headers matter. */
  async exchange<N extends EndpointName>(
    name: N,
    request: RequestOf<N>,
    options: HttpCallOptions = {},
  ): Promise<HttpAnswer<AnswerOf<N>>> {
    let answer = await this.#attempt(name, request, { ...options, fresh: false })
    if (answer.kind === 'refusal' && answer.error.retry === 'after_auth') {
      answer = await this.#attempt(name, request, { ...options, fresh: true })
    }
    if (answer.kind === 'refusal') throw answer.error
    return answer as HttpAnswer<AnswerOf<N>>
  }

  /**
   * Any request of the HTTP API, for what this client has no call of its own for.
   * @param path below the server's address, with its query.
   * @throws RequestError: the server's refusal; `unavailable` or `timeout` when nobody knows whether it took effect.
   */
  async fetch(
    path: string,
    { timeoutMs = TIMEOUT_MS, signal, ...init }: HttpRequest = {},
  ): Promise<Response> {
    const attempt = async (fresh: boolean): Promise<Response> => {
      const headers = { ...init.headers, authorization: `Bearer ${await this.#tokens.get({ fresh })}` }
      return this.#within({ timeoutMs, signal }, (abort) =>
        this.#fetch(this.#base + path, { ...init, headers, signal: abort }),
      )
    }
    const refusalOf = async (response: Response): Promise<RequestError> =>
      refusalIn(await response.json().catch(() => undefined))
    let response = await attempt(false)
    if (response.ok) return response
    let refusal = await refusalOf(response)
    if (refusal.retry === 'after_auth') {
      response = await attempt(true)
      if (response.ok) return response
      refusal = await refusalOf(response)
    }
    throw refusal
  }

  async #attempt(
    name: EndpointName,
    request: AnyRequest,
    { fresh, headers, timeoutMs = TIMEOUT_MS, signal }: HttpCallOptions & { fresh: boolean },
  ): Promise<Answer> {
    const endpoint = endpoints[name]
    const { body } = request
    const bearer = await this.#tokens.get({ fresh })
    const init = {
      method: endpoint.method,
      headers: {
        ...headers,
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    const response = await this.#request(`${this.#base}${endpointUrl(endpoint, request)}`, init, {
      timeoutMs,
      signal,
    })
    const header = (key: string): string | null => response.headers.get(key)
    if (response.status === 304) return { kind: 'unmoved', header }
    if (response.ok) return { kind: 'answer', header, body: response.body }
    return { kind: 'refusal', error: refusalIn(response.body) }
  }

  #request(
    url: string,
    init: RequestInit,
    limits: { timeoutMs: number; signal: AbortSignal | undefined },
  ): Promise<{ ok: boolean; status: number; headers: Headers; body: unknown }> {
    return this.#within(limits, async (signal) => {
      const response = await this.#fetch(url, { ...init, signal })
      const { ok, status, headers } = response
      // A proxy's error page is no JSON: then its status has to do.
      const body: unknown = await response.json().catch((cause: unknown) => {
        if (ok) throw cause
      })
      return { ok, status, headers, body }
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
      throw new RequestError(abort.signal.aborted ? 'timeout' : 'unavailable', { cause })
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
  }
}

function refusalIn(body: unknown): RequestError {
  return requestErrorFrom(
    typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined,
  )
}

type Answer =
  | { kind: 'refusal'; error: RequestError }
  | ({ header: (name: string) => string | null } & ({ kind: 'answer'; body: unknown } | { kind: 'unmoved' }))
