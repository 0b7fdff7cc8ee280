import type { User } from '@tally/protocol'

/** Demo people to continue as; `null` where the server is not in development and has none to offer. */
export async function listDemoPeople(signal?: AbortSignal): Promise<User[] | null> {
  const response = await fetch('/dev/people', signal === undefined ? {} : { signal })
  if (response.status === 404) return null
  if (!response.ok) throw new Error(`/dev/people answered ${response.status}`)
  const { items } = (await response.json()) as { items: User[] }
  return items
}

/** A token for one of them. */
export async function continueAs(person: User): Promise<string> {
  const response = await fetch('/dev/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      userId: person.id,
      ...(person.name === null ? {} : { name: person.name }),
      ...(person.userType === null ? {} : { userType: person.userType }),
    }),
  })
  if (!response.ok) throw new Error(`/dev/login answered ${response.status}`)
  const { token } = (await response.json()) as { token: string }
  return token
}
