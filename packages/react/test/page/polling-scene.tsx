import { RequestError } from '@tally/client'
import { useState } from 'react'
import { useDynamicPolling, usePolling, useResilientPolling } from '../../src/index.ts'

/** The host's own data, of a server that the test holds. */
async function ask(
  path: string,
  signal: AbortSignal,
): Promise<{ version: number; nextPollMs?: number; load?: number }> {
  const response = await fetch(path, { signal })
  if (response.status === 403) throw new RequestError('forbidden')
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.json()
}

const keyed = (name: string) => ({
  queryKey: [name],
  queryFn: ({ signal }: { signal: AbortSignal }) => ask(`/host/${name}`, signal),
})

function Fixed() {
  return <p data-testid="fixed">{usePolling({ ...keyed('fixed'), intervalMs: 5_000 }).data?.version}</p>
}

function Dynamic() {
  const { data } = useDynamicPolling({
    ...keyed('dynamic'),
    hintMs: ({ nextPollMs }) => nextPollMs,
    load: ({ load }) => load,
  })
  return <p data-testid="dynamic">{data?.version}</p>
}

function Resilient() {
  const { data, error, failureCount } = useResilientPolling(keyed('resilient'))
  return (
    <p data-failures={failureCount} data-refused={error !== null} data-testid="resilient">
      {data?.version}
    </p>
  )
}

const looks = { fixed: Fixed, dynamic: Dynamic, resilient: Resilient }

/** As many components as asked for that look at the same data. */
export function PollingScene() {
  const [count, setCount] = useState(1)
  const Look = looks[(new URLSearchParams(location.search).get('poll') ?? 'fixed') as keyof typeof looks]
  return (
    <>
      <button onClick={() => setCount(count + 4)} type="button">
        four more
      </button>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <Look key={index} />
      ))}
    </>
  )
}
