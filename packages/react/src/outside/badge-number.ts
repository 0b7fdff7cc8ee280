/** A count where there is little room. `99+` is only a way to write it: the count itself stays exact. */
export function badgeNumber(count: number): string {
  return count > 99 ? '99+' : String(count)
}
