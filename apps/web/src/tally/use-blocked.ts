import type { Tally } from '@tally/client'
import type { UserId } from '@tally/protocol'
import { useEffect, useState } from 'react'

/** Whether somebody is blocked; `null` while that is not known, or about nobody. The setter is for one's own doing. */
export function useBlocked(
  tally: Tally,
  userId: UserId | null,
): [boolean | null, (blocked: boolean) => void] {
  const [blocked, setBlocked] = useState<boolean | null>(null)
  useEffect(() => {
    let isCurrent = true
    setBlocked(null)
    if (userId !== null) {
      tally.listBlocks().then(
        (blocks) => isCurrent && setBlocked(blocks.some((block) => block.userId === userId)),
        // Without a connection it stays unknown, and nothing is offered that could not be done either.
        () => {},
      )
    }
    return () => {
      isCurrent = false
    }
  }, [tally, userId])
  return [blocked, setBlocked]
}
