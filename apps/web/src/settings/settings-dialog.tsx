import { useTranslation } from 'react-i18next'
import { useSession } from '../session/session.ts'
import { sideWord } from '../session/side-word.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { LanguageSetting, ThemeSetting } from './appearance-settings.tsx'
import { BlockedPeople } from './blocked-people.tsx'

/** Language, appearance, and who one is. */
export function SettingsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const session = useSession()
  const tally = useTally()
  const me = useStore(tally.me)
  return (
    <Dialog onClose={onClose} open={open} title={t('settings.title')}>
      <div className="grid gap-5">
        <div className="grid gap-2">
          <h3 className="font-semibold text-ink-2">{t('settings.language')}</h3>
          <LanguageSetting />
        </div>
        <div className="grid gap-2">
          <h3 className="font-semibold text-ink-2">{t('settings.theme')}</h3>
          <ThemeSetting />
        </div>
        <div className="grid gap-2">
          <h3 className="font-semibold text-ink-2">{t('settings.blocked')}</h3>
          <BlockedPeople />
        </div>
        {me !== null && (
          <div className="grid gap-2">
            <h3 className="font-semibold text-ink-2">{t('settings.you')}</h3>
            <div className="flex items-center gap-3">
              <Avatar name={me.name} />
              <p className="min-w-0 flex-1">
                <span className="block truncate font-semibold" dir="auto">
                  {me.name ?? me.id}
                </span>
                {me.userType !== null && (
                  <span className="block text-1 text-ink-2">{sideWord(t, me.userType)}</span>
                )}
              </p>
              <Button onClick={session.signOut}>{t('settings.signOut')}</Button>
            </div>
          </div>
        )}
      </div>
    </Dialog>
  )
}
