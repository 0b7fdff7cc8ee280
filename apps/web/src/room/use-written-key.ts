import type { MessageState } from '@tally/client'
import { useEffect, useState } from 'react'

/**
 * What was written here last, by the key that a message keeps when it is stored, until it stands at the end of the history:
 * where that was not loaded, the message is nowhere for a moment between being sent and being there.
 */
export function useWrittenKey(items: readonly MessageState[]): string | null {
  const [writtenKey, setWrittenKey] = useState<string | null>(null)
  const last = items.at(-1)
  if (last?.state === 'sending' && last.key !== writtenKey) setWrittenKey(last.key)
  const isStored = last?.state === 'sent' && last.key === writtenKey
  useEffect(() => {
    if (isStored) setWrittenKey(null)
  }, [isStored])
  return writtenKey
}
