/** A demo person without a window: speaks the native API, as the host's backend of a test would. */
export type DemoPerson = {
  /** The direct room shared with somebody, by that person's name. */
  roomWith(name: string): Promise<string>
  send(roomId: string, text: string): Promise<void>
}

type User = { id: string; name: string }
type Room = { id: string; kind: string; members: { name: string | null }[] }

export async function demoPerson(url: string, name: string): Promise<DemoPerson> {
  const people = await ask<{ items: User[] }>(`${url}/dev/people`)
  const person = people.items.find((candidate) => candidate.name === name)
  if (person === undefined) throw new Error(`there is no demo person called ${name}`)
  const { token } = await ask<{ token: string }>(`${url}/dev/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId: person.id, name }),
  })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return {
    async roomWith(other) {
      const { items } = await ask<{ items: Room[] }>(`${url}/v1/rooms?limit=100`, { headers })
      const room = items.find(
        ({ kind, members }) => kind === 'direct' && members.some((it) => it.name === other),
      )
      if (room === undefined) throw new Error(`${name} shares no room with ${other}`)
      return room.id
    },
    async send(roomId, text) {
      await ask(`${url}/v1/rooms/${roomId}/messages`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ text }),
      })
    },
  }
}

async function ask<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
