import { useTranslation } from 'react-i18next'
import { useSession } from '../session/session.ts'
import { sideWord } from '../session/side-word.ts'
import { useSignOut } from '../session/use-sign-out.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { AlertsSetting } from './alert-settings.tsx'
import { LanguageSetting, ThemeSetting } from './appearance-settings.tsx'
import { PersonSettings } from './person-settings.tsx'
import { Setting } from './setting.tsx'
import { TransportSetting } from './transport-setting.tsx'

/** Everything one can choose, and who one is. */
export function SettingsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const session = useSession()
  const signOut = useSignOut()
  return (
    <Dialog onClose={onClose} open={open} tall title={t('settings.title')}>
      <div className="grid grid-cols-1 gap-6">
        <Self onSignOut={signOut} />
        <Setting title={t('settings.language')}>
          <LanguageSetting />
        </Setting>
        <Setting title={t('settings.theme')}>
          <ThemeSetting />
        </Setting>
        <AlertsSetting />
        <Setting hint={t('settings.transportHint')} title={t('settings.transport')}>
          <TransportSetting />
        </Setting>
        <PersonSettings onDeleted={session.signOut} />
      </div>
    </Dialog>
  )
}

function Self({ onSignOut }: { onSignOut: () => void }) {
  const { t } = useTranslation()
  const me = useStore(useTally().me)
  if (me === null) return null
  return (
    <div className="flex items-center gap-3">
      <Avatar name={me.name} />
      <p className="min-w-0 flex-1">
        <span className="block truncate font-semibold" dir="auto">
          {me.name ?? me.id}
        </span>
        {me.userType !== null && <span className="block text-1 text-ink-2">{sideWord(t, me.userType)}</span>}
      </p>
      <Button onClick={onSignOut}>{t('settings.signOut')}</Button>
    </div>
  )
}
