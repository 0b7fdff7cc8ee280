/** Somebody who connects, and the token every contestant knows them by. */
export type Person = { userId: string; token: string }

const AT_ONCE = 50

/** Runs a task for every item, few at a time, and answers in order. */
export async function inBatches<T, R>(
  items: readonly T[],
  task: (item: T, index: number) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < items.length; start += atOnce) {
    const batch = items.slice(start, start + atOnce)
    results.push(...(await Promise.all(batch.map((item, offset) => task(item, start + offset)))))
  }
  return results
}
