import { useEffect, useState } from 'react'

const EVERY_MS = 60_000

/** The time as people have it, new once a minute: for what is written relative to now. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}
