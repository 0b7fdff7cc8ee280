'use client'

import { useResilientPolling } from '@tally/react'

type Message = { id: string; content: string; author: { name: string } }
type Answer = { messages: Message[]; activeUsers: number; nextPollMs: number }

/** A room over plain HTTP: as often as the server asks for, not at all while hidden or offline. */
export function PolledRoom({ roomId }: { roomId: string }) {
  const { data, error } = useResilientPolling<Answer>({
    queryKey: ['room', roomId],
    queryFn: async ({ signal, client, queryKey }) => {
      const known = client.getQueryData<Answer>(queryKey)?.messages ?? []
      const after = known.at(-1)?.id ?? ''
      const response = await fetch(`/api/rooms/${roomId}/messages?after=${after}`, { signal })
      if (!response.ok) throw new Error(`The messages could not be loaded (${response.status})`)
      const answer = (await response.json()) as Answer
      return { ...answer, messages: [...known, ...answer.messages] }
    },
    hintMs: ({ nextPollMs }) => nextPollMs,
  })
  return (
    <main>
      {error && <p role="alert">{error.message}</p>}
      <p>{data?.activeUsers ?? 0} here now</p>
      <ol aria-label="Messages">
        {data?.messages.map(({ id, author, content }) => (
          <li key={id}>
            {author.name}: {content}
          </li>
        ))}
      </ol>
    </main>
  )
}
