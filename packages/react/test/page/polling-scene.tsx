import { RequestError } from '@tally/client'
import { useState } from 'react'
import { useDynamicPolling, usePolling, useResilientPolling } from '../../src/index.ts'

/**
 * The host's own data, of a server that the test holds and that counts how often it is asked. It is not given the signal
 * to stop: StrictMode mounts twice, and what the first mount asked would reach the server at any time, or never.
 */
async function ask(path: string): Promise<{ version: number; nextPollMs?: number; load?: number }> {
  const response = await fetch(path)
  if (response.status === 403) throw new RequestError('forbidden')
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.json()
}

const keyed = (name: string) => ({
  queryKey: [name],
  queryFn: () => ask(`/host/${name}`),
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
