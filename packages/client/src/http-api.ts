import {
  type Endpoint,
  type EndpointRequest,
  type EndpointResponse,
  endpointUrl,
  RequestError,
  requestErrorFrom,
} from '@tally/protocol'
import type { TokenSource } from './token-source.ts'

const TIMEOUT_MS = 15_000

export type HttpApiOptions = {
  /** Where the server is; absent: where the page came from. */
  url?: string | undefined
  fetch: typeof fetch
  tokens: TokenSource
}

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
  async call<E extends Endpoint>(endpoint: E, request: EndpointRequest<E>): Promise<EndpointResponse<E>> {
    const answer = await this.#attempt(endpoint, request, { fresh: false })
    if (answer.ok) return answer.value as EndpointResponse<E>
    if (answer.error.retry !== 'after_auth') throw answer.error
    const again = await this.#attempt(endpoint, request, { fresh: true })
    if (again.ok) return again.value as EndpointResponse<E>
    throw again.error
  }

  async #attempt(endpoint: Endpoint, request: AnyRequest, token: { fresh: boolean }): Promise<Answer> {
    const { body } = request
    const bearer = await this.#tokens.get(token)
    const response = await this.#request(`${this.#base}${endpointUrl(endpoint, request)}`, {
      method: endpoint.method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (response.ok) return { ok: true, value: response.body }
    const { body: refusal } = response
    const detail =
      typeof refusal === 'object' && refusal !== null && 'error' in refusal ? refusal.error : undefined
    return { ok: false, error: requestErrorFrom(detail) }
  }

  /** `AbortSignal.timeout` is missing in React Native. */
  async #request(url: string, init: RequestInit): Promise<{ ok: boolean; body: unknown }> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS)
    try {
      const response = await this.#fetch(url, { ...init, signal: abort.signal })
      // A proxy's error page is no JSON: then its status has to do.
      const body: unknown = await response.json().catch((cause: unknown) => {
        if (response.ok) throw cause
      })
      return { ok: response.ok, body }
    } catch (cause) {
      throw new RequestError(abort.signal.aborted ? 'timeout' : 'unavailable', { cause })
    } finally {
      clearTimeout(timer)
    }
  }
}

type Answer = { ok: true; value: unknown } | { ok: false; error: RequestError }
