import type { User } from '@tally/protocol'
import { ArrowRight } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from '../routing/link.tsx'
import { LanguageSetting, ThemeSetting } from '../settings/appearance-settings.tsx'
import { Button } from '../ui/button.tsx'
import { Sign } from '../ui/sign.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useAttempt } from '../use-attempt.ts'
import { continueAs } from './development-people.ts'
import { PersonCard } from './person-card.tsx'
import { useSession } from './session.ts'
import { sideWord } from './side-word.ts'
import { TokenForm } from './token-form.tsx'
import { type DemoPeople, useDemoPeople } from './use-demo-people.ts'

/** The first page: who one would like to be. */
export function SignInPage() {
  const { t } = useTranslation()
  const session = useSession()
  const attempt = useAttempt()
  const [people, retry] = useDemoPeople()
  const [busy, setBusy] = useState(false)

  const pick = (person: User) => {
    setBusy(true)
    attempt(
      continueAs(person)
        .then(session.signIn)
        .finally(() => setBusy(false)),
    )
  }
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[880px] flex-col gap-8 px-4 py-8 md:px-8 md:py-14">
      <header className="grid gap-3">
        <p className="flex items-center gap-2.5 text-4 font-bold tracking-tight">
          <Sign drawing={people.state === 'loading'} size={30} />
          Tally
        </p>
        <h1 className="mt-4 text-5 font-bold tracking-[-0.02em]">{t('signIn.title')}</h1>
        <p className="max-w-[60ch] text-3 text-balance text-ink-2">{t('signIn.lead')}</p>
      </header>
      <People busy={busy} onPick={pick} onRetry={retry} people={people} />
      {people.state === 'there' && (
        <Link
          className="flex items-center gap-4 rounded-3 border border-line bg-raised px-5 py-4 transition-[border-color,box-shadow] duration-120 hover:border-ink-3 hover:shadow-raised"
          to="/demo"
        >
          <span className="min-w-0 flex-1">
            <span className="block text-3 font-semibold text-action">{t('signIn.demo')}</span>
            <span className="block text-ink-2">{t('signIn.demoLead')}</span>
          </span>
          <ArrowRight aria-hidden="true" className="text-action" size={20} strokeWidth={1.75} />
        </Link>
      )}
      <div className="max-w-[480px]">
        <TokenForm onToken={session.signIn} />
      </div>
      <footer className="mt-auto flex flex-wrap gap-4 border-t border-line pt-6">
        <LanguageSetting />
        <ThemeSetting />
      </footer>
    </main>
  )
}

type PeopleProps = {
  people: DemoPeople
  busy: boolean
  onPick: (person: User) => void
  onRetry: () => void
}

function People({ people, busy, onPick, onRetry }: PeopleProps) {
  const { t } = useTranslation()
  if (people.state === 'none') return <p className="text-ink-2">{t('signIn.noPeople')}</p>
  if (people.state === 'failed') {
    return (
      <div className="flex flex-wrap items-center gap-4" role="alert">
        <p className="text-ink-2">{t('signIn.failed')}</p>
        <Button onClick={onRetry}>{t('common.retry')}</Button>
      </div>
    )
  }
  const sides = people.state === 'there' ? sidesOf(people.people) : [...LOADING]
  return (
    <div className="grid gap-8 md:grid-cols-2">
      {sides.map(({ userType, members }) => (
        <section className="grid content-start gap-2" key={userType}>
          <h2 className="h-5 font-semibold text-ink-2">
            {userType === '' ? t('signIn.others') : sideWord(t, userType)}
          </h2>
          {members === null
            ? ['a', 'b', 'c', 'd'].map((row) => <Skeleton className="h-[66px] rounded-3" key={row} />)
            : members.map((person) => (
                <PersonCard disabled={busy} key={person.id} onPick={() => onPick(person)} person={person} />
              ))}
        </section>
      ))}
    </div>
  )
}

type Side = { userType: string; members: readonly User[] | null }

/** Two columns of the size they will have. */
const LOADING: readonly Side[] = [
  { userType: 'user', members: null },
  { userType: 'company', members: null },
]

/** The people by the side they are on, in the order in which the sides appear. */
function sidesOf(people: readonly User[]): Side[] {
  const sides = Map.groupBy(people, (person) => person.userType ?? '')
  return [...sides].map(([userType, members]) => ({ userType, members }))
}
