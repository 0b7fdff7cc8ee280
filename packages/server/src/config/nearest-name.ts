const MOST_EDITS = 4

/** The known name that a mistyped one was most likely meant to be, if any is close. */
export function nearestName(mistyped: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let fewest = MOST_EDITS + 1
  for (const name of known) {
    const edits = editDistance(mistyped, name)
    if (edits < fewest) {
      nearest = name
      fewest = edits
    }
  }
  return nearest
}

// Levenshtein's distance, one row of his table at a time.
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
