import {
  type DefaultError,
  type Query,
  type QueryClient,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query'
import { type PollPlan, planPoll } from './poll-plan.ts'
import type { PolledQueryOptions } from './use-polling.ts'

export type DynamicPollingOptions<
  Fetched = unknown,
  Failure = DefaultError,
  Data = Fetched,
  Key extends QueryKey = QueryKey,
> = PolledQueryOptions<Fetched, Failure, Data, Key> & {
  /** Where an answer carries the server's own wish for the next question (`nextPollMs`), in ms. It decides, then. */
  hintMs?: (data: Fetched) => number | undefined
  /** Where an answer carries the server's load, from 0 to 1: over 0.8 the intervals grow by half each, up to 10 s. */
  load?: (data: Fetched) => number | undefined
}

/**
 * As `usePolling`, in intervals that follow the activity: 1 s while answers bring something new, 2 s when they did in the
 * last minute, 5 s otherwise; spread by 10 %, so that clients that began together do not stay together. What is new is
 * told by comparing an answer with the one before.
 */
export function useDynamicPolling<
  Fetched = unknown,
  Failure = DefaultError,
  Data = Fetched,
  Key extends QueryKey = QueryKey,
>(
  options: DynamicPollingOptions<Fetched, Failure, Data, Key>,
  queryClient?: QueryClient,
): UseQueryResult<Data, Failure> {
  const { hintMs, load, ...query } = options
  return useQuery<Fetched, Failure, Data, Key>(
    { ...query, ...dynamicIntervals<Fetched, Failure, Key>({ hintMs, load }) },
    queryClient,
  )
}

type Readings<Fetched> = {
  hintMs: ((data: Fetched) => number | undefined) | undefined
  load: ((data: Fetched) => number | undefined) | undefined
}

type Intervals<Fetched, Failure, Key extends QueryKey> = Pick<
  UseQueryOptions<Fetched, Failure, unknown, Key>,
  'refetchIntervalInBackground'
> & {
  refetchInterval: (query: Query<Fetched, Failure, Fetched, Key>) => number
  staleTime: (query: Query<Fetched, Failure, Fetched, Key>) => number
}

/** Part of the cache's entry: gone with it, and the same for all who look at the entry. */
const plans = new WeakMap<object, PollPlan>()

/** How often to ask before there was any answer. */
const UNANSWERED_MS = 5_000

/** The options that make a query of TanStack Query poll in dynamic intervals. */
export function dynamicIntervals<Fetched, Failure, Key extends QueryKey>(
  readings: Readings<Fetched>,
): Intervals<Fetched, Failure, Key> {
  const delayMs = (query: Query<Fetched, Failure, Fetched, Key>): number => {
    const { data, dataUpdatedAt } = query.state
    if (data === undefined) return UNANSWERED_MS
    const before = plans.get(query)
    if (before?.answeredAt === dataUpdatedAt) return before.delayMs
    const plan = planPoll(before, {
      data,
      answeredAt: dataUpdatedAt,
      hintMs: readings.hintMs?.(data),
      load: readings.load?.(data),
      random: Math.random(),
    })
    plans.set(query, plan)
    return plan.delayMs
  }
  return { refetchInterval: delayMs, refetchIntervalInBackground: false, staleTime: delayMs }
}
