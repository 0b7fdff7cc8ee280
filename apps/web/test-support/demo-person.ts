/** A demo person without a window: speaks the native API, as the host's backend of a test would. */
export type DemoPerson = {
  readonly id: string
  readonly token: string
  /** The direct room shared with somebody, by that person's name. */
  roomWith(name: string): Promise<string>
  send(roomId: string, text: string): Promise<void>
  /** Everything in all rooms. */
  readAll(): Promise<void>
  /** @returns the room's id */
  makeGroup(title: string, memberIds: readonly string[]): Promise<string>
  /** @param metadata what the host keeps with the room. */
  makeDirect(userId: string, metadata?: Record<string, string>): Promise<string>
}

type User = { id: string; name: string }
type Room = { id: string; kind: string; members: { name: string | null }[] }

/** @param fresh somebody who is none of them yet. */
export async function demoPerson(
  url: string,
  name: string,
  fresh?: { userId: string; userType: string },
): Promise<DemoPerson> {
  const people = await ask<{ items: User[] }>(`${url}/dev/people`)
  const known = people.items.find((candidate) => candidate.name === name)
  const person = fresh === undefined ? known : { id: fresh.userId, name }
  if (person === undefined) throw new Error(`there is no demo person called ${name}`)
  const { token } = await ask<{ token: string }>(`${url}/dev/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId: person.id, name, userType: fresh?.userType }),
  })
  const authorization = `Bearer ${token}`
  const headers = { authorization, 'content-type': 'application/json' }
  const makeRoom = async (body: object): Promise<string> => {
    const made = await ask<{ id: string }>(`${url}/v1/rooms`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return made.id
  }
  return {
    id: person.id,
    token,
    makeGroup: (title, memberIds) => makeRoom({ kind: 'group', title, memberIds }),
    makeDirect: (userId, metadata = {}) => makeRoom({ kind: 'direct', memberIds: [userId], metadata }),
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
    async readAll() {
      await ask(`${url}/v1/read-all`, { method: 'POST', headers: { authorization } })
    },
  }
}

async function ask<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
