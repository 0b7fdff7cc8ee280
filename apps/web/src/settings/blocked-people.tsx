import type { Block } from '@tally/protocol'
import { type MouseEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { blocksOf } from '../tally/blocks.ts'
import { useTally } from '../tally/tally-context.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Button } from '../ui/button.tsx'
import { neighbourOf } from '../ui/neighbour-of.ts'
import { useAttempt } from '../use-attempt.ts'
import { Setting } from './setting.tsx'

/** Whom one has blocked, and how to undo it. */
export function BlockedPeople({ known }: { known: readonly Block[] }) {
  const { t } = useTranslation()
  const all = blocksOf(useTally())
  const attempt = useAttempt()
  const place = useRef<HTMLDivElement>(null)
  const [blocks, setBlocks] = useState(known)

  const unblock = async (userId: Block['userId'], { currentTarget }: MouseEvent<HTMLElement>) => {
    const next = neighbourOf(currentTarget, { list: 'ul', mark: 'data-unblock' }) ?? place.current
    next?.focus()
    // Gone at once; the server's list says who is there if it was refused.
    setBlocks((before) => before.filter((block) => block.userId !== userId))
    try {
      await all.set(userId, false)
    } catch (error) {
      await all.list().then(setBlocks, () => setBlocks(blocks))
      throw error
    }
  }
  return (
    <Setting title={t('settings.blocked')}>
      <div className="outline-none" ref={place} tabIndex={-1}>
        {blocks.length === 0 ? (
          <p className="text-ink-2">{t('settings.blockedEmpty')}</p>
        ) : (
          <ul className="grid grid-cols-1 gap-2">
            {blocks.map(({ userId, name }) => (
              <li className="flex items-center gap-3" key={userId}>
                <Avatar name={name} size="small" />
                <span className={`min-w-0 flex-1 truncate ${name === null ? 'text-ink-3' : ''}`} dir="auto">
                  {name ?? t('person.former')}
                </span>
                <Button data-unblock="" onClick={(event) => attempt(unblock(userId, event))}>
                  {t('roomMenu.unblock')}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Setting>
  )
}
