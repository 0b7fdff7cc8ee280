import { randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

const BYTES_PER_ID = 16
/** The system is asked for so many at once: asked for each one, it takes longer than everything else about an id. */
const IDS_PER_FILL = 256

/** Ids that rise with the milliseconds (UUIDv7), which keeps an index of them growing at its end. */
export function createIdSource(): () => string {
  const pool = new Uint8Array(BYTES_PER_ID * IDS_PER_FILL)
  let next = pool.length
  return () => {
    if (next === pool.length) {
      randomFillSync(pool)
      next = 0
    }
    next += BYTES_PER_ID
    return uuidv7({ random: pool.subarray(next - BYTES_PER_ID, next) })
  }
}
