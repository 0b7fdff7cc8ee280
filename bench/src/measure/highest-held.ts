/**
 * The last of a list that holds, when all before it hold and none behind it does: strides from the first guess, each twice
 * as long as the one before, until one is on the other side, and then halves what is between.
 * @param holds asked about a place in the list, one after the other, none of them twice.
 * @returns its place; -1 when none holds.
 */
export async function highestHeld(
  { count, guess }: { count: number; guess: number },
  holds: (index: number) => Promise<boolean>,
): Promise<number> {
  let [held, failed] = [-1, count]
  for (let [at, stride] = [guess, 1]; failed - held > 1; stride *= 2) {
    if (await holds(at)) held = at
    else failed = at
    if (held >= 0 && failed < count) at = (held + failed) >> 1
    else if (held >= 0) at = Math.min(count - 1, held + stride)
    else at = Math.max(0, failed - stride)
  }
  return held
}
