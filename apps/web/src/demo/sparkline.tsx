import { useTranslation } from 'react-i18next'
import { RECENT } from './latency-stats.ts'

const WIDTH = 300
const HEIGHT = 60
const PAD = 4

/** The latest measurements as a line; the newest at the right, marked. */
export function Sparkline({ valuesMs }: { valuesMs: readonly number[] }) {
  const { t } = useTranslation()
  // Never less than 10 ms from top to bottom: differences that nobody feels must not look like mountains.
  const topMs = Math.max(10, ...valuesMs)
  const points = valuesMs.map((valueMs, index) => {
    const x = WIDTH - PAD - ((valuesMs.length - 1 - index) * (WIDTH - 2 * PAD)) / (RECENT - 1)
    const y = HEIGHT - PAD - (valueMs / topMs) * (HEIGHT - 2 * PAD)
    return [x, y] as const
  })
  const last = points.at(-1)
  return (
    <svg
      aria-label={t('demo.sparkLabel', { count: valuesMs.length })}
      className="h-15 w-full max-md:hidden"
      preserveAspectRatio="xMidYMid meet"
      role="img"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      <line className="stroke-line" x1={PAD} x2={WIDTH - PAD} y1={HEIGHT - PAD} y2={HEIGHT - PAD} />
      <polyline
        className="fill-none stroke-action"
        points={points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth="2"
      />
      {last !== undefined && <circle className="fill-action" cx={last[0]} cy={last[1]} r="3.5" />}
    </svg>
  )
}
