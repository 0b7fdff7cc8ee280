/** `value` = `one` × a + `other` × b, as closely as a and b can make it, neither of them negative. */
export function fitTwo(samples: readonly { one: number; other: number; value: number }[]): {
  a: number
  b: number
} {
  const sum = (of: (sample: (typeof samples)[number]) => number): number =>
    samples.reduce((total, sample) => total + of(sample), 0)
  const [oneOne, otherOther, oneOther] = [
    sum(({ one }) => one * one),
    sum(({ other }) => other * other),
    sum(({ one, other }) => one * other),
  ]
  const [oneValue, otherValue] = [
    sum(({ one, value }) => one * value),
    sum(({ other, value }) => other * value),
  ]
  const determinant = oneOne * otherOther - oneOther * oneOther
  const a = (oneValue * otherOther - otherValue * oneOther) / determinant
  const b = (otherValue * oneOne - oneValue * oneOther) / determinant
  if (a < 0) return { a: 0, b: Math.max(0, otherValue / otherOther) }
  if (b < 0) return { a: Math.max(0, oneValue / oneOne), b: 0 }
  return { a, b }
}
