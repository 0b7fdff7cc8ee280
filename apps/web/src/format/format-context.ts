import { createContext, useContext } from 'react'
import type { Format } from './format.ts'

/** How numbers and times are written in the page's language. */
export const FormatContext = createContext<Format | null>(null)

export function useFormat(): Format {
  const format = useContext(FormatContext)
  if (format === null) throw new Error('useFormat needs a FormatContext above it')
  return format
}
