import { forgetDrafts } from '../room/drafts.ts'
import { useTally } from '../tally/tally-context.ts'
import { useSession } from './session.ts'
import { signOutHere } from './this-device.ts'

/** Leaves, lets the server know that the token is not to be taken any more, and leaves nothing half written behind. */
export function useSignOut(): () => void {
  const tally = useTally()
  const session = useSession()
  return () => {
    // Not waited for: whoever leaves a screen behind wants it empty now.
    void signOutHere(tally)
    const me = tally.me.get()
    if (me !== null) forgetDrafts(me.id)
    session.signOut()
  }
}
