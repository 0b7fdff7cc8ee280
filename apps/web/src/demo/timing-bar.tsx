import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import type { TimingParts } from './timing-parts.ts'

const PARTS = [
  ['commit', 'bg-action'],
  ['ledger', 'bg-warn'],
  ['wire', 'bg-ink-3'],
  ['shown', 'bg-live'],
] as const

/** Where the time of the last message went. It has its height also before there is anything to show. */
export function TimingBar({ parts }: { parts: TimingParts | null }) {
  const { t } = useTranslation()
  const format = useFormat()
  const ms = (part: keyof TimingParts) => (parts === null ? '–' : format.ms(parts[part]))
  return (
    <div className="grid gap-2.5">
      <div
        aria-label={t('demo.barLabel', {
          commit: ms('commit'),
          ledger: ms('ledger'),
          wire: ms('wire'),
          shown: ms('shown'),
        })}
        className="flex h-2.5 gap-0.5 overflow-hidden rounded-full"
        role="img"
      >
        {PARTS.map(([part, color]) => (
          <span
            className={`min-w-1 basis-0 transition-[flex-grow] duration-160 ${parts === null ? 'bg-line' : color}`}
            key={part}
            style={{ flexGrow: parts === null ? 1 : Math.max(0.02, parts[part]) }}
          />
        ))}
      </div>
      <ul
        aria-hidden="true"
        className="grid grid-cols-[auto_auto] justify-center gap-x-5 gap-y-1 text-1 tabular sm:flex sm:gap-x-3.5"
      >
        {PARTS.map(([part, color]) => (
          <li className="flex items-center gap-1.5" key={part}>
            <span className={`size-2 rounded-[3px] ${color}`} />
            {t(`demo.${part}`)} <span className="inline-block min-w-6 text-left">{ms(part)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
