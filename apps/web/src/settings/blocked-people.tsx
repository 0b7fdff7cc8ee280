import type { Block } from '@tally/protocol'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTally } from '../tally/tally-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Button } from '../ui/button.tsx'
import { useAttempt } from '../use-attempt.ts'

/** Whom one has blocked, and how to undo it. */
export function BlockedPeople() {
  const { t } = useTranslation()
  const tally = useTally()
  const attempt = useAttempt()
  const [blocks, setBlocks] = useState<readonly Block[] | null>(null)
  useEffect(() => attempt(tally.listBlocks().then(setBlocks)), [tally, attempt])

  const unblock = async (userId: Block['userId']) => {
    await tally.unblock(userId)
    setBlocks((before) => before?.filter((block) => block.userId !== userId) ?? null)
  }
  if (blocks === null) {
    return (
      <p aria-hidden="true" className="animate-breathe rounded-1 bg-line/70">
        &nbsp;
      </p>
    )
  }
  if (blocks.length === 0) return <p className="text-ink-2">{t('settings.blockedEmpty')}</p>
  return (
    <ul className="grid gap-2">
      {blocks.map(({ userId, name }) => (
        <li className="flex items-center gap-3" key={userId}>
          <Avatar name={name} size="small" />
          <span className={`min-w-0 flex-1 truncate ${name === null ? 'text-ink-3' : ''}`} dir="auto">
            {name ?? t('person.former')}
          </span>
          <Button onClick={() => attempt(unblock(userId))}>{t('roomMenu.unblock')}</Button>
        </li>
      ))}
    </ul>
  )
}
