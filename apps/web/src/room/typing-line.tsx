import { useTranslation } from 'react-i18next'

/** Who is typing. It has its height also when nobody is, so that nothing moves when somebody starts. */
export function TypingLine({ names }: { names: readonly string[] }) {
  const { t } = useTranslation()
  const [first, second] = names
  const words = () => {
    if (first === undefined) return ''
    if (second === undefined) return t('room.typing', { name: first })
    if (names.length === 2) return t('room.typingTwo', { first, second })
    return t('room.typingMany', { count: names.length })
  }
  return (
    <p aria-live="polite" className="h-6 truncate px-1 text-1 leading-6 text-ink-3" dir="auto">
      {words()}
    </p>
  )
}
