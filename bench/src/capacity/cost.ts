/** Where processor time is spent. */
export type Place = 'server' | 'database' | 'redis'

/** Processor time in ms, by where it is spent. */
export type Cost = Record<Place, number>

/** Of one core, as a measured step has them. */
export type Shares = { serverShare: number; databaseShare: number; redisShare: number }

const SHARE = { server: 'serverShare', database: 'databaseShare', redis: 'redisShare' } as const

export function costAt(of: (place: Place) => number): Cost {
  return { server: of('server'), database: of('database'), redis: of('redis') }
}

export function shareOf(shares: Shares, place: Place): number {
  return shares[SHARE[place]]
}
