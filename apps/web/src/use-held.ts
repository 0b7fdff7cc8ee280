import { useEffect, useState } from 'react'

/** Whether `condition` has held for `forMs` without a break. */
export function useHeld(condition: boolean, forMs: number): boolean {
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (!condition) return
    const timer = setTimeout(() => setHeld(true), forMs)
    return () => {
      clearTimeout(timer)
      setHeld(false)
    }
  }, [condition, forMs])
  return held
}
