/** A scale from values to places, and where its lines are drawn. */
export type Axis = { place: (value: number) => number; ticks: number[] }

/** @param places the places of the lowest and of the highest value. */
export function axis(values: readonly number[], places: readonly [number, number], isLog: boolean): Axis {
  const finite = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0))
  const ticks = isLog ? logTicks(finite) : linearTicks(finite)
  const [low, high] = [ticks.at(0) ?? 0, ticks.at(-1) ?? 1]
  const scaled = (value: number): number => (isLog ? Math.log10(Math.max(value, low)) : value)
  const span = scaled(high) - scaled(low) || 1
  const [start, end] = places
  return { ticks, place: (value) => start + ((scaled(value) - scaled(low)) / span) * (end - start) }
}

function logTicks(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values, 1e12)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1e-12))))
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
}

function linearTicks(values: readonly number[]): number[] {
  const high = Math.max(...values, 1e-9)
  const rough = high / 5
  const decade = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * decade >= rough) ?? 10) * decade
  return Array.from({ length: Math.ceil(high / step - 1e-9) + 1 }, (_, index) => index * step)
}

/** 12000 → "12,000", 0.5 → "0.5", 2500000 → "2.5 M". */
export function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${trimmed(value / 1e9)} G`
  if (size >= 1e6) return `${trimmed(value / 1e6)} M`
  return size >= 1_000 ? Math.round(value).toLocaleString('en-US') : trimmed(value)
}

const trimmed = (value: number): string => String(Number(value.toPrecision(3)))
