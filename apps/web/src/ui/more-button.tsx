import { useTranslation } from 'react-i18next'
import { useHandOn } from './use-hand-on.ts'

/**
 * Below a list: loads what comes next. It keeps the focus meanwhile; when there is no more, the last entry that was there
 * gets it, from which one goes on to the new ones.
 */
export function MoreButton({ busy, onClick }: { busy: boolean; onClick: () => void }) {
  const { t } = useTranslation()
  const button = useHandOn<HTMLButtonElement>(({ previousElementSibling }) =>
    [...(previousElementSibling?.querySelectorAll<HTMLElement>('a, button') ?? [])].at(-1),
  )
  return (
    <button
      aria-busy={busy}
      aria-disabled={busy}
      className="min-h-11 w-full border-t border-line font-semibold text-action hover:bg-sunken focus-visible:-outline-offset-2 aria-disabled:opacity-40"
      onClick={() => !busy && onClick()}
      ref={button}
      type="button"
    >
      {t('common.more')}
    </button>
  )
}
