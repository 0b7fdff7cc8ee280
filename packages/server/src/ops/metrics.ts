import { performance } from 'node:perf_hooks'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What a node knows of itself at any moment; asked when somebody reads the metrics. */
export type NodeGauges = {
  connections: () => number
  ledgerUsers: () => number | Promise<number>
  ledgerBytes: () => number | Promise<number>
  /** Age of the oldest outbox row that is not done, in ms; 0 when all are. */
  outboxAgeMs: () => number | Promise<number>
  /** 1 while this node keeps the badges itself because Redis is away. */
  fellBack: () => number
}

// Around the promises: badges under 3 ms (p50), 12 ms (p99) and 100 ms.
const FAST_SECONDS = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.008, 0.012, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const REQUEST_SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]
const GROUP_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/**
 * The measurements of one node, for Prometheus. No label names a person or a room. The event loop's lag, memory and
 * CPU come with prom-client's own set (`nodejs_eventloop_lag_*`, `process_*`).
 */
export class Metrics {
  readonly registry = new Registry()
  readonly #badgeLatency: Histogram
  readonly #groupSize: Histogram
  readonly #groupQueued: Histogram
  readonly #groupCommit: Histogram
  readonly #messages: Counter
  readonly #frames: Counter<'outcome'>
  readonly #requests: Histogram<'route' | 'method' | 'status'>
  readonly #checked: Counter
  readonly #mismatches: Counter<'kind'>
  readonly #repairs: Counter

  constructor(gauges: NodeGauges) {
    collectDefaultMetrics({ register: this.registry })
    this.#badgeLatency = this.#histogram(
      'tally_badge_latency_seconds',
      'From the acceptance of a message to the frame with its badge.',
      FAST_SECONDS,
    )
    this.#groupSize = this.#histogram('tally_group_size', 'Sends and reads of one group commit.', GROUP_SIZES)
    this.#groupQueued = this.#histogram(
      'tally_group_queued_seconds',
      'How long the oldest item of a group waited for its commit.',
      FAST_SECONDS,
    )
    this.#groupCommit = this.#histogram('tally_group_commit_seconds', 'Time of a group commit.', FAST_SECONDS)
    this.#messages = this.#counter('tally_messages_total', 'Messages stored.')
    this.#frames = new Counter({
      name: 'tally_bus_frames_total',
      help: 'Frames published to other nodes, and frames that were lost because Redis did not take them.',
      labelNames: ['outcome'],
      registers: [this.registry],
    })
    this.#requests = new Histogram({
      name: 'tally_http_request_seconds',
      help: 'HTTP requests by route and status; long polls include their wait.',
      labelNames: ['route', 'method', 'status'],
      buckets: REQUEST_SECONDS,
      registers: [this.registry],
    })
    this.#checked = this.#counter('tally_reconciler_checked_total', 'People whose badge was recounted.')
    this.#mismatches = new Counter({
      name: 'tally_reconciler_mismatches_total',
      help: 'Rooms in which the ledger, or the database, was found wrong.',
      labelNames: ['kind'],
      registers: [this.registry],
    })
    for (const kind of ['ledger', 'database']) this.#mismatches.inc({ kind }, 0)
    this.#repairs = this.#counter('tally_reconciler_repairs_total', 'Those of them that were put right.')
    this.#gauge('tally_connections', 'Devices connected to this node.', gauges.connections)
    this.#gauge('tally_ledger_users', 'People whose badge the ledger holds.', gauges.ledgerUsers)
    this.#gauge(
      'tally_ledger_fell_back',
      '1 while Redis is away and this node keeps the badges itself.',
      gauges.fellBack,
    )
    this.#gauge('tally_ledger_bytes', 'Estimated memory of the ledger.', gauges.ledgerBytes)
    new Counter({
      name: 'tally_event_loop_busy_seconds_total',
      help: 'For how long the event loop had something to do, waiting for a core included.',
      registers: [this.registry],
      collect() {
        this.reset()
        this.inc(performance.eventLoopUtilization().active / 1_000)
      },
    })
    this.#gauge('tally_outbox_age_seconds', 'Age of the oldest undone outbox row.', async () => {
      return (await gauges.outboxAgeMs()) / 1_000
    })
  }

  badgeSent({ latencyMs }: { latencyMs: number }): void {
    this.#badgeLatency.observe(latencyMs / 1_000)
  }

  groupCommitted(group: { items: number; messages: number; queuedMs: number; commitMs: number }): void {
    this.#groupSize.observe(group.items)
    this.#groupQueued.observe(group.queuedMs / 1_000)
    this.#groupCommit.observe(group.commitMs / 1_000)
    this.#messages.inc(group.messages)
  }

  framesPublished({ frames, ok }: { frames: number; ok: boolean }): void {
    this.#frames.inc({ outcome: ok ? 'published' : 'lost' }, frames)
  }

  /** `route` is the pattern, never the address: `/v1/rooms/:roomId`. */
  requestAnswered(request: { route: string; method: string; status: number; durationMs: number }): void {
    const { route, method, status, durationMs } = request
    this.#requests.observe({ route, method, status: String(status) }, durationMs / 1_000)
  }

  reconciled(found: {
    checked: number
    mismatches: readonly { kind: 'ledger' | 'database' }[]
    repaired: number
  }): void {
    this.#checked.inc(found.checked)
    for (const { kind } of found.mismatches) this.#mismatches.inc({ kind })
    this.#repairs.inc(found.repaired)
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.registry] })
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] })
  }

  #gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        try {
          this.set(await read())
        } catch {
          // Unknown while the database is away; what the others say matters most then.
          this.set(Number.NaN)
        }
      },
    })
  }
}
