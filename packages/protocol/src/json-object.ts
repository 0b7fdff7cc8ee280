import { z } from 'zod'
import { isStorable } from './text.ts'

/** Free JSON, bounded: `maxBytes` of UTF-8, `maxDepth` levels (the object itself is the first). */
export function jsonObject(limits: { maxBytes: number; maxDepth: number }) {
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    const problem = findProblem(value, limits)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
}

type Limits = { maxBytes: number; maxDepth: number }

// Depth is checked before anything recurses further: ten thousand brackets must not overflow the stack.
function findProblem(value: unknown, { maxBytes, maxDepth }: Limits): string | undefined {
  const problem = problemAt(value, maxDepth)
  if (problem !== undefined) return problem
  if (utf8Bytes(JSON.stringify(value)) > maxBytes) return `must be at most ${maxBytes} bytes of JSON`
  return undefined
}

function problemAt(value: unknown, levelsLeft: number): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : 'must contain finite numbers only'
  if (typeof value === 'string') return isStorable(value) ? undefined : NOT_STORABLE
  if (typeof value !== 'object') return 'must be JSON'
  if (levelsLeft === 0) return 'is nested too deeply'
  if (Array.isArray(value)) return first(value, (item) => problemAt(item, levelsLeft - 1))
  if (Object.getPrototypeOf(value) !== Object.prototype) return 'must be JSON'
  return first(Object.entries(value), ([key, item]) => {
    // Stored and merged somewhere else, this key could replace an object's prototype.
    if (key === '__proto__') return 'must not have a key "__proto__"'
    return isStorable(key) ? problemAt(item, levelsLeft - 1) : NOT_STORABLE
  })
}

const NOT_STORABLE = 'must not contain NUL or half of a surrogate pair'

function first<T>(items: T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

// TextEncoder is missing in some React Native engines.
function utf8Bytes(text: string): number {
  let bytes = 0
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}
