import { NodeHeartbeat } from '../../src/actions/node-heartbeat.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { FallbackLedger, type LedgerMode } from '../../src/ledger/fallback-ledger.ts'
import { MemoryLedger } from '../../src/ledger/memory-ledger.ts'
import type { Sharing } from '../../src/sharing.ts'
import type { Database } from '../../src/store/open-database.ts'
import type { Journal } from './journal.ts'
import { LedgerLink } from './ledger-link.ts'
import type { Link } from './link.ts'
import { observed } from './observed-ledger.ts'
import type { SimulatedRedis } from './simulated-redis.ts'

export type SimulatedSharingOptions = {
  readonly db: Database
  readonly bus: Bus
  readonly redis: SimulatedRedis
  readonly link: Link
  readonly journal: Journal
  readonly nowMs: () => number
  /** The people who are connected here may be cold now. */
  readonly onLoss: () => void
}

const RETURN_TOGETHER_MS = 300

/** What a node has in common with the others, put together as `sharing.ts` does it with Redis. */
export function simulatedSharing(options: SimulatedSharingOptions): Sharing {
  const { db, bus, redis, link, journal, nowMs, onLoss } = options
  let mode = (): LedgerMode => 'shared'
  const heartbeat = new NodeHeartbeat({ db, keepsOwnLedger: () => mode() === 'own', onNewEpoch: onLoss })
  const shared = new LedgerLink({
    redis,
    link,
    epoch: () => heartbeat.epoch,
    onNewerEpoch: (epoch) => heartbeat.hear(epoch),
    onLoss,
  })
  const fallback = new FallbackLedger({
    shared: shared.ledger,
    own: new MemoryLedger({ now: nowMs }),
    mode: 'shared',
    probe: () => shared.probe(),
    beforeReturn: () => heartbeat.raise(() => link.time.wait(RETURN_TOGETHER_MS)),
    onRepeated: onLoss,
    onModeChange: (mode) => {
      const isOwn = mode === 'own'
      journal.happened(
        isOwn ? 'node fell back to a ledger of its own' : 'node came back to the shared ledger',
      )
      journal.note(`${bus.nodeId} uses ${isOwn ? 'its own' : 'the shared'} ledger`)
      onLoss()
    },
  })
  mode = () => fallback.mode
  return {
    ledger: observed(fallback, journal),
    bus,
    heartbeat,
    isShared: () => fallback.mode === 'shared',
    tailsOutbox: () => fallback.mode === 'own' || heartbeat.othersKeepOwn,
    close: async () => fallback.close(),
  }
}
