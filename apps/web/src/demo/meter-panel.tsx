import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import type { Reading } from './demo-meter.ts'
import { Sparkline } from './sparkline.tsx'
import { TimingBar } from './timing-bar.tsx'

type MeterPanelProps = {
  reading: Reading
  /** What can be tried. */
  children: ReactNode
}

/** Between the phones: the number, where it comes from, and whether every badge was right. */
export function MeterPanel({ reading, children }: MeterPanelProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const { latency, parts, burst, messages, checks, wrong, unchecked } = reading
  const figureMs = burst?.ms ?? latency.lastMs
  const ms = (value: number | null) => (value === null ? '–' : format.ms(value))
  return (
    <section
      aria-label={t('demo.measure')}
      className="grid w-full max-w-[428px] gap-4 justify-self-center text-center text-ink-2"
    >
      <div>
        <p
          className={`text-6 tracking-[-0.03em] tabular ${figureMs === null ? 'font-light text-ink-3' : 'font-bold text-ink'}`}
          data-testid="latency"
        >
          {ms(figureMs)}
          <span className="text-4 tracking-normal"> ms</span>
        </p>
        <p data-testid="measured">
          {burst !== null
            ? t('demo.burstExact', { count: burst.messages, ms: format.ms(burst.ms) })
            : t(figureMs === null ? 'demo.waiting' : 'demo.fromSend')}
        </p>
      </div>
      <TimingBar parts={parts} />
      <Sparkline valuesMs={latency.recentMs} />
      <ul className="flex flex-wrap justify-center gap-x-4 gap-y-1 tabular">
        <li>
          {t('demo.p50')} {ms(latency.p50Ms)}
        </li>
        <li>
          {t('demo.p99')} {ms(latency.p99Ms)}
        </li>
        <li>{t('demo.messages', { count: messages, number: format.number(messages) })}</li>
        <li className={wrong > 0 ? 'font-semibold text-new' : 'text-live'} data-testid="wrong">
          {t('demo.wrong', { count: wrong })}
        </li>
      </ul>
      <p className="text-1 text-ink-3 tabular" data-checks={checks} data-testid="checks">
        {unchecked ? t('demo.checking') : t('demo.checked', { count: checks, number: format.number(checks) })}
      </p>
      {children}
    </section>
  )
}
