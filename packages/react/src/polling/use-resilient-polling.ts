import { backOffMs, RequestError } from '@tally/client'
import {
  type DefaultError,
  type QueryClient,
  type QueryKey,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query'
import { type DynamicPollingOptions, dynamicIntervals } from './use-dynamic-polling.ts'

export type ResilientPollingOptions<
  Fetched = unknown,
  Failure = DefaultError,
  Data = Fetched,
  Key extends QueryKey = QueryKey,
> = Omit<DynamicPollingOptions<Fetched, Failure, Data, Key>, 'retry' | 'retryDelay'> & {
  /**
   * Whether an error is the server's last word (no right, no such thing): polling ends with it, until the query is
   * refetched. Unless given: a `RequestError` that says `never` or `after_auth`. Everything else is a fault that passes.
   */
  isRefusal?: (error: Failure) => boolean
}

/**
 * As `useDynamicPolling`, and it survives faults: the last good data stays, and the question is asked again after
 * 1 s × 2^n up to 30 s, with full jitter (or as late as the server said), for as long as it takes.
 */
export function useResilientPolling<
  Fetched = unknown,
  Failure = DefaultError,
  Data = Fetched,
  Key extends QueryKey = QueryKey,
>(
  options: ResilientPollingOptions<Fetched, Failure, Data, Key>,
  queryClient?: QueryClient,
): UseQueryResult<Data, Failure> {
  const { hintMs, load, isRefusal = saysNo, ...query } = options
  const { refetchInterval, ...intervals } = dynamicIntervals<Fetched, Failure, Key>({ hintMs, load })
  return useQuery<Fetched, Failure, Data, Key>(
    {
      ...query,
      ...intervals,
      refetchInterval: (entry) => {
        const { error } = entry.state
        return error !== null && isRefusal(error) ? false : refetchInterval(entry)
      },
      retry: (_failures, error) => !isRefusal(error),
      retryDelay: (failures, error) =>
        Math.max(retryAfterMs(error), backOffMs({ failures, random: Math.random() })),
    },
    queryClient,
  )
}

function saysNo(error: unknown): boolean {
  return error instanceof RequestError && (error.retry === 'never' || error.retry === 'after_auth')
}

function retryAfterMs(error: unknown): number {
  return error instanceof RequestError ? (error.retryAfterMs ?? 0) : 0
}
