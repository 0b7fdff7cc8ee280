import { isConnected, type Tally } from '@tally/client'

/** Calls `act` each time a connection comes; the one that is there already is none of them. @returns what ends that. */
export function onConnected({ connection }: Pick<Tally, 'connection'>, act: () => void): () => void {
  let was = isConnected(connection.get())
  return connection.subscribe(() => {
    const is = isConnected(connection.get())
    const came = is && !was
    was = is
    if (came) act()
  })
}
