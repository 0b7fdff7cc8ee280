import { useTranslation } from 'react-i18next'
import { Link } from '../routing/link.tsx'
import { Sign } from '../ui/sign.tsx'
import { AppearanceMenu } from './appearance-menu.tsx'

/** The pages that stand beside each other, by their address. A console for operators takes its place here. */
const PAGES = [
  { path: '/', name: 'chats.title' },
  { path: '/demo', name: 'signIn.demo' },
] as const

/** The top of every page but the messenger, which needs the height: whose page it is, where else to go, how it looks. */
export function PageHeader({ current }: { current: string }) {
  const { t } = useTranslation()
  return (
    <header className="flex min-h-9 flex-wrap items-center gap-x-6 gap-y-1">
      <Link className="flex items-center gap-2 text-3 font-bold tracking-tight" to="/">
        <Sign size={22} />
        Tally
      </Link>
      <nav aria-label={t('frame.pages')} className="flex gap-4">
        {PAGES.map(({ path, name }) => (
          <Link
            aria-current={path === current ? 'page' : undefined}
            className="text-ink-2 hover:text-ink aria-[current=page]:font-semibold aria-[current=page]:text-ink"
            key={path}
            to={path}
          >
            {t(name)}
          </Link>
        ))}
      </nav>
      <span className="flex-1" />
      <AppearanceMenu />
    </header>
  )
}
