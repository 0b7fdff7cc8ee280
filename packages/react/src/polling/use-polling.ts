import {
  type DefaultError,
  type QueryClient,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query'

/** What polling decides by itself. */
type Decided = 'refetchInterval' | 'refetchIntervalInBackground' | 'staleTime'

/** TanStack Query's own options, without those that polling decides. */
export type PolledQueryOptions<Fetched, Failure, Data, Key extends QueryKey> = Omit<
  UseQueryOptions<Fetched, Failure, Data, Key>,
  Decided
>

export type PollingOptions<
  Fetched = unknown,
  Failure = DefaultError,
  Data = Fetched,
  Key extends QueryKey = QueryKey,
> = PolledQueryOptions<Fetched, Failure, Data, Key> & {
  /** From one answer to the next question. */
  intervalMs: number
}

/**
 * Asks for the host's own data again and again, in fixed intervals. One owner per data: however many components use the
 * same `queryKey`, it is asked for once. Nothing is asked while the page is hidden or offline; it is asked at once when
 * the page comes back.
 *
 * @param queryClient where the data is kept; that of the nearest `QueryClientProvider` unless given.
 */
export function usePolling<
  Fetched = unknown,
  Failure = DefaultError,
  Data = Fetched,
  Key extends QueryKey = QueryKey,
>(
  options: PollingOptions<Fetched, Failure, Data, Key>,
  queryClient?: QueryClient,
): UseQueryResult<Data, Failure> {
  const { intervalMs, ...query } = options
  return useQuery<Fetched, Failure, Data, Key>(
    {
      ...query,
      refetchInterval: intervalMs,
      refetchIntervalInBackground: false,
      // One more component that looks does not ask again.
      staleTime: intervalMs,
    },
    queryClient,
  )
}
